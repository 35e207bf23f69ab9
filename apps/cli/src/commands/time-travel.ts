import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { plainText, show } from '../terminal.js';
import type { AddCommands, Means } from './command.js';
import { sayHowToRepeat } from './repeat.js';

const stored = z.looseObject({ runId: z.string(), duplicate: z.boolean() });
const state = z.looseObject({
  commit: z.number(), commits: z.number(), status: z.string(), standing: z.string(), effects: z.string(), agent: z.looseObject({ name: z.string() }), waitsFor: z.array(z.looseObject({ for: z.string() })),
  used: z.looseObject({ steps: z.number(), tokens: z.number(), amount: z.number() }), budgets: z.looseObject({ maxSteps: z.number() }), calls: z.record(z.string(), z.looseObject({ tool: z.string(), status: z.string(), simulated: z.unknown().optional() })),
});
const difference = z.looseObject({ happened: z.array(z.looseObject({ id: z.string(), type: z.string() })), changes: z.array(z.looseObject({ op: z.string(), path: z.string(), value: z.unknown().optional(), was: z.unknown().optional() })) });
const step = z.looseObject({ text: z.string(), answer: z.string().optional(), calls: z.array(z.looseObject({ tool: z.string(), arguments: z.record(z.string(), z.unknown()), policy: z.string().optional(), status: z.string(), simulated: z.looseObject({ from: z.unknown().optional() }).optional() })) });
const side = z.looseObject({ runId: z.string(), status: z.string(), agent: z.looseObject({ name: z.string(), digest: z.string() }), used: z.looseObject({ steps: z.number(), tokens: z.number(), costMicros: z.number().optional() }) });
const comparison = z.looseObject({ left: side, right: side, shared: z.number(), diverges: z.number().optional(), steps: z.array(z.looseObject({ shared: z.boolean(), differs: z.array(z.string()), left: step.optional(), right: step.optional() })) });

interface ForkGiven {
  readonly at?: number;
  readonly agent?: string;
  readonly agentVersion?: string;
  readonly effects?: string;
  readonly reason: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** Runs as they stood, beside one another, and begun anew. */
export const addTimeTravelCommands: AddCommands = (program, means) => {
  addForkCommand(program, means, 'fork', 'Begins a run where another stood, to see what would come of another way. Nothing that changes something is really done unless that is asked for.');
  addForkCommand(program, means, 'retry', 'Begins a run where another that has ended went wrong, and goes on from there, really.');
  addReadingCommands(program, means);
};

const addForkCommand = (program: Parameters<AddCommands>[0], { gateway, terminal }: Means, mode: 'fork' | 'retry', says: string): void => {
  program.command(mode).description(says).argument('<run>')
    .option('--at <commit>', 'the commit after which it begins; the last when left out', readCommit)
    .option('--agent <name>', 'the agent that goes on').option('--agent-version <digest>', 'which version of it: another model or prompt is another version')
    .addOption(new Option('--effects <what>', `whether calls that change something are made; ${mode === 'fork' ? 'simulated' : 'real'} when left out`).choices(['real', 'simulated']))
    .requiredOption('--reason <text>', 'why; it is kept in the log').option('--key <key>', 'requests with the same key are one fork; without it each counts').option('--json', 'as JSON')
    .action(async (run: string, { key = randomUUID(), agentVersion: version, json, ...given }: ForkGiven) => {
      const answer = await sayHowToRepeat(gateway().post(`${pathOf(run)}/forks`, { mode, ...given, ...(version === undefined ? {} : { version }) }, stored, { 'idempotency-key': key }), `--key ${key}`);
      show(terminal, json, answer, () => (answer.duplicate ? `It had been begun before, as the run ${answer.runId}.` : `It begins as the run ${answer.runId}. "holdfast compare ${run} ${answer.runId}" puts them beside each other.`));
    });
};

const addReadingCommands: AddCommands = (program, { gateway, terminal }) => {
  program.command('state').description('Tells how a run stood after one of its commits.').argument('<run>').option('--at <commit>', 'the last when left out', readCommit).option('--json', 'as JSON')
    .action(async (run: string, { at, json }: { readonly at?: number; readonly json?: boolean }) => {
      const told = await gateway().get(`${pathOf(run)}/state${at === undefined ? '' : `?at=${at}`}`, state);
      if (json === true) return terminal.out(JSON.stringify(told, null, 2));
      terminal.out(`${run} after commit ${told.commit} of ${told.commits}: ${told.status}, ${told.standing}${told.effects === 'simulated' ? ', its effects are simulated' : ''}`);
      terminal.out(`agent ${told.agent.name}; ${told.used.steps} of ${told.budgets.maxSteps} steps, ${told.used.tokens} tokens, amount ${told.used.amount}`);
      for (const { for: what, ...about } of told.waitsFor) terminal.out(plainText(`waits for ${what} ${JSON.stringify(about)}`));
      for (const [callId, call] of Object.entries(told.calls)) terminal.out(plainText(`${callId}  ${call.tool}  ${call.status}${call.simulated === undefined ? '' : ', simulated'}`));
    });
  program.command('diff').description('Tells what changed in a run from one commit to another.').argument('<run>').argument('<from>', 'a commit', readCommit).argument('[to]', 'a commit; the last when left out', readCommit).option('--json', 'as JSON: the changes are a JSON Patch')
    .action(async (run: string, from: number, to: number | undefined, { json }: { readonly json?: boolean }) => {
      const told = await gateway().get(`${pathOf(run)}/difference?from=${from}${to === undefined ? '' : `&to=${to}`}`, difference);
      if (json === true) return terminal.out(JSON.stringify(told, null, 2));
      for (const { id, type } of told.happened) terminal.out(`${id}  ${type}`);
      for (const { op, path, value, was } of told.changes) terminal.out(plainText(`${op.padEnd(7)} ${path}${op === 'add' ? '' : `  ${JSON.stringify(was)}`}${op === 'remove' ? '' : ` -> ${JSON.stringify(value)}`}`));
    });
  program.command('compare').description('Puts two runs beside each other, step by step: what they share, where they part, and what each did and used.').argument('<run>').argument('<other>').option('--json', 'as JSON')
    .action(async (run: string, other: string, { json }: { readonly json?: boolean }) => {
      const told = await gateway().get(`${pathOf(run)}/comparison?with=${encodeURIComponent(other)}`, comparison);
      if (json === true) return terminal.out(JSON.stringify(told, null, 2));
      terminal.out(`${told.shared} steps are shared; ${told.diverges === undefined ? 'nothing differs' : `they part at step ${told.diverges + 1}`}`);
      for (const [at, { shared, differs, left, right }] of told.steps.entries()) {
        if (shared) { terminal.out(plainText(`= ${at + 1}  ${lineOf(left)}`)); continue; }
        if (left !== undefined) terminal.out(plainText(`< ${at + 1}  ${lineOf(left)}`));
        if (right !== undefined) terminal.out(plainText(`> ${at + 1}  ${lineOf(right)}${differs.length === 0 ? '' : `  (${differs.join(', ')})`}`));
      }
      for (const [mark, one] of [['<', told.left], ['>', told.right]] as const) terminal.out(`${mark} ${one.runId}  ${one.status}  ${one.agent.name} ${one.agent.digest.slice(0, 12)}  ${one.used.steps} steps, ${one.used.tokens} tokens${one.used.costMicros === undefined ? '' : `, ${one.used.costMicros / 1_000_000} for models`}`);
    });
};

function lineOf(told: z.infer<typeof step> | undefined): string {
  if (told === undefined) return '';
  const calls = told.calls.map(({ tool, arguments: given, policy = '-', status, simulated }) => `${tool} ${JSON.stringify(given)} ${policy}, ${status}${simulated === undefined ? '' : simulated.from === undefined ? ' (simulated)' : ' (recorded)'}`);
  return calls.length > 0 ? calls.join('; ') : `answers: ${told.answer ?? told.text}`;
}

const pathOf = (run: string): string => `/v1/runs/${encodeURIComponent(run)}`;

function readCommit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be the number of a commit, from 1.');
  return Number(text);
}
