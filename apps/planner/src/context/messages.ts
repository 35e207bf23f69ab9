import type { ModelMessage } from 'ai';
import type { RecordedCommit, RunEvent, RunEventOf } from '@holdfast/contracts';
import { callIdOf } from '@holdfast/run';

type ToolResultContent = Extract<ModelMessage, { role: 'tool' }>['content'];
type ToolResultPart = Extract<ToolResultContent[number], { type: 'tool-result' }>;

/**
 * The conversation that a run's history amounts to: the task, then for each decision what the model said and what came
 * of its calls. It is made from the log alone, so any planner at any time builds the same one.
 */
export function messagesOf(history: readonly RecordedCommit[]): ModelMessage[] {
  const events = history.flatMap((recorded) => recorded.commit.events);
  const results = resultsOf(events);
  const messages: ModelMessage[] = [];
  for (const event of events) {
    if (event.type === 'task-accepted') messages.push({ role: 'user', content: taskText(event) });
    if (event.type === 'signal-received') messages.push({ role: 'user', content: JSON.stringify({ signal: event.name, by: event.by, payload: event.payload }) });
    if (event.type === 'decision-made') messages.push(...decisionMessages(event, results));
  }
  return messages;
}

function taskText(event: RunEventOf<'task-accepted'>): string {
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

function resultsOf(events: readonly RunEvent[]): ReadonlyMap<string, ToolResultPart['output']> {
  const results = new Map<string, ToolResultPart['output']>();
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
