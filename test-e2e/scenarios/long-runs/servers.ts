import type { ServerResponse } from 'node:http';
import { LocalServer, bodyOf } from '../planner-kills/servers.ts';

interface Chat {
  readonly messages: readonly { readonly role: string; readonly content: unknown; readonly tool_call_id?: string }[];
  readonly tools?: readonly unknown[];
  readonly stream?: boolean;
}

/** What comes before an answer is given: a step by its number, or the first step that is asked for after a summary. */
export type Occasion = `step ${number}` | `after summary ${number}`;

/**
 * A provider that speaks the chat completions protocol and counts what it is asked. It asks for one paper after the other until the task's number
 * of them is filed, knowing how far it is by the last result that it is shown; or for the same paper again and again, where the task says so.
 */
export class CountingProvider extends LocalServer {
  /** Calls for each step of the long run, and for a run that repeats itself. */
  readonly steps = new Map<number, number>();
  repeats = 0;
  summaries = 0;
  /** Characters of the largest request. */
  largest = 0;
  /** Awaited, once, before the answer. */
  readonly before = new Map<Occasion, () => Promise<void>>();
  private lastSummary = 0;

  constructor() {
    super(async (request, response) => this.answer(await bodyOf<Chat>(request), response));
  }

  get calls(): number {
    return [...this.steps.values()].reduce((sum, times) => sum + times, 0);
  }

  private async answer({ messages, tools, stream }: Chat, response: ServerResponse): Promise<void> {
    this.largest = Math.max(this.largest, JSON.stringify(messages).length);
    if (tools === undefined) {
      this.summaries += 1;
      return reply(response, stream, { content: `Summary number ${this.summaries}: papers were filed, each once.` }, 'stop');
    }
    const goal = JSON.stringify(messages.find(({ role }) => role === 'user')?.content);
    const done = Number(messages.findLast(({ role }) => role === 'tool')?.tool_call_id?.slice('call-'.length) ?? 0);
    const wanted = Number(/File (\d+) papers/.exec(goal)?.[1] ?? Infinity);
    if (wanted === Infinity) this.repeats += 1;
    else await this.count(done + 1);
    if (done >= wanted) return reply(response, stream, { content: 'All is filed.' }, 'stop');
    const paper = wanted === Infinity ? 'paper-again' : `paper-${done + 1}`;
    return reply(response, stream, { tool_calls: [{ index: 0, id: `call-${done + 1}`, type: 'function', function: { name: 'file', arguments: JSON.stringify({ paper }) } }] }, 'tool_calls');
  }

  private async count(step: number): Promise<void> {
    this.steps.set(step, (this.steps.get(step) ?? 0) + 1);
    const occasions: Occasion[] = [`step ${step}`, ...(this.summaries > this.lastSummary ? [`after summary ${this.summaries}` as const] : [])];
    this.lastSummary = this.summaries;
    for (const occasion of occasions) {
      const act = this.before.get(occasion);
      this.before.delete(occasion);
      await act?.();
    }
  }
}

function reply(response: ServerResponse, stream: boolean | undefined, message: object, finish: string): void {
  const common = { id: 'c', created: 1, model: 'counted', usage: { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 } };
  if (stream !== true) return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...common, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }] }));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta: object, finish_reason: string | null): unknown => response.write(`data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
  send(message, null);
  send({}, finish);
  response.end('data: [DONE]\n\n');
}

const WORDS = 'account amount archive balance branch budget carrier clause client contract courier customs deposit dispute export freight harbour invoice journey ledger licence market office order parcel permit price quarter receipt region report route sample season stock supply tariff transit vendor vessel voyage warehouse'.split(' ');

/** An archive that honours Idempotency-Key and counts what was filed. A page has some 450 characters that somebody else wrote, of which no two pages have the same. */
export class Archive extends LocalServer {
  /** Papers by how often they were filed. */
  readonly papers = new Map<string, number>();
  private readonly keys = new Set<unknown>();

  constructor() {
    super(async (request, response) => {
      const { paper } = await bodyOf<{ paper: string }>(request);
      const key = request.headers['idempotency-key'];
      if (!this.keys.has(key)) this.papers.set(paper, (this.papers.get(paper) ?? 0) + 1);
      this.keys.add(key);
      const number = Number(paper.replace(/\D/g, '')) || 1;
      const page = Array.from({ length: 60 }, (_, at) => WORDS[(number * 7 + at * at * number) % WORDS.length]).join(' ');
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ paper, page: `${page} REF-${number * 7_919}` }));
    });
  }
}
