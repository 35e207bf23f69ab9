import type { TaskEvent } from '@holdfast/contracts';

/** A case of a suite as a dataset has it: what is asked, and what is expected. */
export interface DatasetCase {
  readonly name: string;
  readonly event: TaskEvent;
  readonly expect: Readonly<Record<string, unknown>>;
}

/** The type of the events that datasets become; agents are subscribed to it. */
export const DATASET_TASK = 'dataset-task';

/** The task of one record. A thread makes it a turn of the conversation of that name. */
export function taskOf(dataset: string, id: string, goal: string, { thread, input = {} }: { readonly thread?: string; readonly input?: Readonly<Record<string, unknown>> } = {}): TaskEvent {
  return { specversion: '1.0', id, source: `/datasets/${dataset}`, type: DATASET_TASK, ...(thread === undefined ? {} : { thread }), data: { goal, ...input } };
}

/** The name that a function of a dataset has as a tool: names of tools have no dots (`math.add` is `math_add`). */
export function toolNameOf(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
}
