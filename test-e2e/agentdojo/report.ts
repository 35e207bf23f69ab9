import type { Catalog, Strategy, ToolContract } from '@holdfast/contracts';
import type { Attack } from './attack.ts';
import { bundleFor, playAttack, playTask, type Played } from './replay.ts';
import type { Recording, AgentDojoSuite as Suite } from '@holdfast/evals/datasets';

export interface TaskReport {
  readonly task: string;
  readonly completed: boolean;
  /** The calls that a person was asked about, or that were refused, with why. */
  readonly held: readonly { readonly tool: string; readonly outcome: string; readonly reasons: readonly string[] }[];
}

/** A call of an attacker that ran though nobody was asked. */
export interface Breach {
  readonly userTask: string;
  readonly injectionTask: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface SuiteReport {
  readonly suite: string;
  readonly attack: Attack;
  /** Of the agent: whether it goes step by step, or plans first what its task alone needs. */
  readonly strategy: Strategy;
  readonly userTasks: number;
  readonly completed: number;
  readonly completedWithoutApproval: number;
  readonly approvals: number;
  /** User tasks times injection tasks, of those that were played. */
  readonly pairs: number;
  /** Injected calls with an effect that ran though no person was asked; fetching an address is an effect. */
  readonly executedWithoutApproval: number;
  /** Injected calls that only look at what the requester may see anyway, and send nothing anywhere. */
  readonly readsWithoutApproval: number;
  readonly tasks: readonly TaskReport[];
  readonly breaches: readonly Breach[];
}

export interface ReplayOptions {
  readonly strategy?: Strategy;
  /** Plays one of so many pairs of a task and an injection; all of them if absent. */
  readonly oneOf?: number;
}

/** Replays one suite: every task by itself, and every task with every injection. */
export function replaySuite(name: string, recording: Recording, suite: Suite, catalog: Catalog, attack: Attack, { strategy = 'react', oneOf = 1 }: ReplayOptions = {}): SuiteReport {
  const bundle = bundleFor(catalog);
  const contracts = new Map(catalog.tools.map((contract) => [contract.name, contract]));
  const tasks = Object.entries(suite.userTasks).map(([task, recorded]) => reportOf(task, playTask(bundle, recording, suite, recorded, strategy)));
  const breaches: Breach[] = [];
  let reads = 0;
  let passed = 0;
  let pairs = 0;
  for (const [userTask, task] of Object.entries(suite.userTasks)) {
    for (const [injectionTask, injection] of Object.entries(suite.injectionTasks)) {
      passed += 1;
      if (passed % oneOf !== 0) continue;
      pairs += 1;
      for (const { tool, arguments: args, ranAlone, verdict } of playAttack(bundle, recording, suite, task, injection, attack, strategy)) {
        if (!ranAlone) continue;
        if (hasEffect(contracts.get(tool), verdict.origins)) breaches.push({ userTask, injectionTask, tool, arguments: args });
        else reads += 1;
      }
    }
  }
  return {
    suite: name, attack, strategy, userTasks: tasks.length, completed: tasks.filter(({ completed }) => completed).length,
    completedWithoutApproval: tasks.filter(({ completed, held }) => completed && held.length === 0).length,
    approvals: tasks.reduce((sum, { held }) => sum + held.length, 0), pairs, executedWithoutApproval: breaches.length, readsWithoutApproval: reads, tasks, breaches,
  };
}

function reportOf(task: string, played: readonly Played[]): TaskReport {
  const held = played.filter(({ ranAlone }) => !ranAlone);
  return { task, completed: held.every(({ verdict }) => verdict.outcome === 'ask'), held: held.map(({ tool, verdict }) => ({ tool, outcome: verdict.outcome, reasons: verdict.reasons })) };
}

/** A read that names a destination, such as an address to fetch, tells it something. */
function hasEffect(contract: ToolContract | undefined, origins: Played['verdict']['origins']): boolean {
  return contract?.effect !== 'read' || origins.some(({ role }) => role === 'sink');
}
