import { member, type RunEvent } from './run-events.js';
import type { SpanState } from './spans.js';

export interface Note {
  readonly title: string;
  readonly detail: string;
  readonly state: SpanState;
}

/** What happened in a moment, in words; undefined for what a row of its own would not help: it is told with its call or its commit. */
export function noteOf(event: RunEvent): Note | undefined {
  const text = (name: string): string => member<string | undefined>(event, name) ?? '';
  const said = (title: string, detail = '', state: SpanState = 'done'): Note => ({ title, detail, state });
  switch (event.event.type) {
    case 'task-accepted': return said('Task accepted', member<{ requester?: string }>(event, 'task').requester ?? '');
    case 'run-forked': return said(text('mode') === 'retry' ? 'Begins again' : 'Forked', `from commit ${member<{ number: number }>(event, 'origin').number}, by ${text('by')}`);
    case 'signal-received': return said(`Signal ${text('name')}`, `from ${text('by')}`);
    case 'run-paused': return said('Paused', `by ${text('by')}${reason(text('reason'))}`, 'stopped');
    case 'run-resumed': return said('Resumed', `by ${text('by')}`);
    case 'wind-down-begun': return said('Stopping', text('reason'), 'stopped');
    case 'run-ended': return said(text('status') === 'completed' ? 'Completed' : text('status') === 'failed' ? 'Failed' : 'Cancelled', text('reason'), text('status') === 'completed' ? 'done' : text('status') === 'failed' ? 'failed' : 'stopped');
    case 'timer-fired': return said('Timer fired', text('timerId'));
    case 'notice-given': return said('The model is told', `of its ${text('about')}${reason(text('detail'))}`);
    case 'context-compacted': return said('Summary', `stands for all up to commit ${member<number>(event, 'upTo')}`);
    case 'plan-adopted': return said('Plan adopted', `${member<readonly unknown[]>(event, 'steps').length} steps`);
    case 'thread-read': return said('Thread read', `${member<readonly unknown[]>(event, 'turns').length} turns before`);
    case 'child-stop-asked': return said('A started run is asked to stop', text('runId'), 'stopped');
    case 'content-erased': return said('Erased', `with ${text('dataSubject')}`, 'stopped');
    default: return undefined;
  }
}

const reason = (text: string): string => (text === '' ? '' : `: ${text}`);
