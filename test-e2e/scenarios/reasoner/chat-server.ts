import { LocalServer, bodyOf } from '../planner-kills/servers.ts';

interface Chat {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly unknown[];
}

/** A provider that speaks the chat completions protocol, whole answers at a time: first a thought, then a call, and after a result the end. */
export class ChatServer extends LocalServer {
  /** The first thought for a task with this goal waits for this. */
  readonly held = new Map<string, Promise<void>>();

  constructor() {
    super(async (request, response) => {
      const { messages, tools } = await bodyOf<Chat>(request);
      const goal = /"goal": "([^"]*)"/.exec(JSON.stringify(messages.find(({ role }) => role === 'user')?.content).replaceAll('\\"', '"'))?.[1] ?? '';
      const isSettled = messages.some(({ role }) => role === 'tool');
      const waiting = this.held.get(goal);
      this.held.delete(goal);
      await waiting;
      const call = { id: 'call-1', type: 'function', function: { name: 'order', arguments: JSON.stringify({ reference: goal }) } };
      const isCall = tools !== undefined && !isSettled;
      const message = isCall ? { role: 'assistant', content: null, tool_calls: [call] } : { role: 'assistant', content: isSettled ? 'It is ordered.' : 'I order it.' };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
        id: 'c', object: 'chat.completion', created: 1, model: 'served', choices: [{ index: 0, message, finish_reason: isCall ? 'tool_calls' : 'stop' }], usage: { prompt_tokens: 30, completion_tokens: 4, total_tokens: 34 },
      }));
    });
  }
}
