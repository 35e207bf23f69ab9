import type { Json } from '@holdfast/contracts';
import { taskOf, toolNameOf, type DatasetCase } from '../dataset-case.js';
import type { Recording } from './recording.js';

/** The tasks of users of a recording as cases: the recorded calls are what is expected. Attacks are played by `npm run agentdojo`. */
export function agentDojoCases({ suites }: Recording): readonly DatasetCase[] {
  return Object.entries(suites).flatMap(([suite, { userTasks }]) => Object.entries(userTasks).map(([task, { prompt, calls }]) => ({
    name: `${suite}/${task}`, event: taskOf('agentdojo', `${suite}/${task}`, prompt),
    expect: { calls: { calls: calls.map(({ tool, args }) => ({ tool: toolNameOf(tool), arguments: Object.fromEntries(Object.entries(args).map(([name, value]) => [name, { oneOf: [value as Json], optional: false }])) })) } },
  })));
}
