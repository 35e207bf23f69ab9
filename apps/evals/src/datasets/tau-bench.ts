import { z } from 'zod';
import { taskOf, toolNameOf, type DatasetCase } from './dataset-case.js';
import { readRecords } from './read-records.js';

/** The action by which an agent of tau-bench speaks to its user: no tool. */
const RESPOND = 'respond';

const task = z.looseObject({
  user_id: z.string().min(1),
  instruction: z.string().min(1),
  actions: z.array(z.looseObject({ name: z.string().min(1), kwargs: z.record(z.string(), z.json()) })),
  outputs: z.array(z.string()).default([]),
  /** What the actions leave in the world's record, by path; tau-bench itself finds it by carrying them out. */
  end_state: z.record(z.string().min(1).max(200), z.json()).optional(),
});

export interface TauBenchFiles {
  readonly tasks: string;
  /** The tools that change the database. With them, reads that the task does not list do no harm, as in tau-bench. */
  readonly writes?: readonly string[] | undefined;
}

/**
 * Cases of tasks as tau-bench has them, written as JSON. The user is not simulated: the instruction is what the user says. The database must end as
 * the listed actions leave it, which is judged by the calls of the tools in `writes`, in order (by all calls without it), and by `end_state` where a
 * task has one; the outputs must be in the answer. Throws as {@link readRecords}.
 */
export async function readTauBench({ tasks: file, writes }: TauBenchFiles): Promise<readonly DatasetCase[]> {
  const among = writes?.map(toolNameOf);
  return (await readRecords(file, task)).map(({ value: { user_id: user, instruction, actions, outputs, end_state: endState } }, index) => {
    const calls = actions.filter(({ name }) => name !== RESPOND).map(({ name, kwargs }) => ({
      tool: toolNameOf(name), arguments: Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, { oneOf: [value], optional: false }])),
    })).filter(({ tool }) => among === undefined || among.includes(tool));
    return {
      name: `${index} ${user}`, event: taskOf('tau-bench', `${index}-${user}`.slice(0, 200), instruction, { input: { user } }),
      expect: { calls: { calls, inOrder: true, ...(among === undefined ? {} : { among }) }, ...(outputs.length === 0 ? {} : { mentions: outputs }), ...(endState === undefined ? {} : { effects: endState }) },
    };
  });
}
