import { UNKNOWN_READING, declarations, joined, leavesOf, nearest, type Label, type Reading, type RunEvent, type Task } from '@holdfast/contracts';
import { PEOPLE } from '../labels.js';

/** What a run has read after this event; undefined where it is not known what it had read before. */
export function readingAfter(before: Reading | undefined, event: RunEvent): Reading | undefined {
  switch (event.type) {
    case 'task-accepted':
      return ofTask(event);
    case 'run-forked':
      return event.read === undefined ? undefined : joined(event.read, ofTask(event));
    case 'observation-recorded':
      return before === undefined ? undefined : join([before, event.label, ...Object.values(event.fields)]);
    case 'thread-read':
      return before === undefined ? undefined : join([before, ...event.turns.flatMap(({ goal, answer }) => [goal.label, ...(answer === undefined ? [] : [answer.label])])]);
    case 'signal-received':
      return before === undefined ? undefined : joined(before, event.label);
    case 'tool-returned':
      return before === undefined || event.outcome.status === 'succeeded' ? before : joined(before, event.label ?? UNKNOWN_READING);
    case 'approval-counted':
    case 'approval-answered':
    case 'doubt-resolved':
      return before === undefined || event.comment === '' ? before : joined(before, PEOPLE);
    default:
      return before;
  }
}

/** By value: a field that the task does not have makes nothing of it worth less. */
function ofTask({ task, labels }: { readonly task: Pick<Task, 'goal' | 'input'>; readonly labels: Readonly<Record<string, Label>> }): Reading {
  const declared = declarations(labels);
  return join(leavesOf({ goal: task.goal, input: task.input }, { names: false }).map(({ path }) => nearest(declared, path) ?? UNKNOWN_READING));
}

function join(labels: readonly (Label | Reading)[]): Reading {
  return labels.reduce<Reading>(joined, { trust: 'user', secrecy: 'public' });
}
