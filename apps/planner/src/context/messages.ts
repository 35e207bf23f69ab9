import type { ModelMessage } from 'ai';
import type { RecordedCommit, RunEvent, RunEventOf, RunId } from '@holdfast/contracts';
import { callIdOf } from '@holdfast/run';

type ToolResultContent = Extract<ModelMessage, { role: 'tool' }>['content'];
type ToolResultPart = Extract<ToolResultContent[number], { type: 'tool-result' }>;

/**
 * The conversation that a run's history amounts to: the task, then for each decision what the model said and what came
 * of its calls. It is made from the log alone, so any planner at any time builds the same one.
 */
export function messagesOf(history: readonly RecordedCommit[], origins: Origins = noOrigins): ModelMessage[] {
  return conversationOf(history, origins, []);
}

/** The histories of the runs at which a forked run began, each up to that commit, by run id. */
export type Origins = ReadonlyMap<RunId, readonly RecordedCommit[]>;
const noOrigins: Origins = new Map();

type Unsettled = RunEventOf<'run-forked'>['unsettled'];

/** `cutOff` are the calls of this history that a fork left open; what it says of them is what came of them. */
function conversationOf(history: readonly RecordedCommit[], origins: Origins, cutOff: Unsettled): ModelMessage[] {
  const events = history.flatMap((recorded) => recorded.commit.events);
  const results = resultsOf(events, cutOff);
  const messages: ModelMessage[] = [];
  for (const event of events) {
    if (event.type === 'task-accepted') messages.push({ role: 'user', content: taskText(event) });
    if (event.type === 'run-forked') messages.push(...forkMessages(event, origins));
    if (event.type === 'signal-received') messages.push({ role: 'user', content: JSON.stringify({ signal: event.name, by: event.by, payload: event.payload }) });
    if (event.type === 'decision-made') messages.push(...decisionMessages(event, results));
  }
  return messages;
}

/** A forked run goes on with the origin's conversation, and the model is told that it begins anew there. */
function forkMessages(event: RunEventOf<'run-forked'>, origins: Origins): ModelMessage[] {
  const origin = origins.get(event.origin.runId);
  const before: ModelMessage[] = origin === undefined ? [{ role: 'user', content: taskText(event) }] : conversationOf(origin, origins, event.unsettled);
  const word = event.mode === 'retry' ? 'tries again' : 'goes another way';
  return [...before, { role: 'user', content: JSON.stringify({ note: `Work on this task begins anew here: ${event.by} ${word} from this point.`, reason: event.reason }) }];
}

function taskText(event: RunEventOf<'task-accepted' | 'run-forked'>): string {
  return JSON.stringify({ goal: event.task.goal, ...event.task.input }, null, 1);
}

function decisionMessages(event: RunEventOf<'decision-made'>, results: ReadonlyMap<string, ToolResultPart['output']>): ModelMessage[] {
  const { proposal } = event;
  if (proposal.requests.length === 0) return [{ role: 'assistant', content: proposal.text }];
  const calls = proposal.requests.map((request) => ({ type: 'tool-call' as const, toolCallId: request.requestId, toolName: request.tool, input: request.arguments }));
  const text = proposal.text === '' ? [] : [{ type: 'text' as const, text: proposal.text }];
  return [
    { role: 'assistant', content: [...text, ...calls] },
    {
      role: 'tool',
      content: proposal.requests.map((request, index): ToolResultPart => ({
        type: 'tool-result', toolCallId: request.requestId, toolName: request.tool,
        output: results.get(callIdOf(proposal.basis, index)) ?? { type: 'error-text', value: 'The call has no result.' },
      })),
    },
  ];
}

function resultsOf(events: readonly RunEvent[], cutOff: Unsettled): ReadonlyMap<string, ToolResultPart['output']> {
  const results = new Map<string, ToolResultPart['output']>(cutOff.map(({ callId, status, reason }) => [callId, status === 'refused' ? { type: 'execution-denied', reason } : { type: 'error-json', value: { status, message: reason } }]));
  for (const event of events) {
    if (event.type === 'call-refused') results.set(event.callId, { type: 'execution-denied', reason: event.reasons.join(' ') });
    if (event.type === 'tool-returned' && event.outcome.status === 'succeeded') results.set(event.callId, { type: 'json', value: event.outcome.result as never });
    if (event.type === 'tool-returned' && event.outcome.status !== 'succeeded') {
      const { code, message, remedy } = event.outcome.failure;
      results.set(event.callId, { type: 'error-json', value: { status: event.outcome.status, code, message, remedy } });
    }
  }
  return results;
}
