import { Argument, InvalidArgumentError, Option } from 'commander';
import { HoldfastError } from '@holdfast/contracts';
import { z } from 'zod';
import { EndsWith, usage } from '../exit.js';
import { oneLine, show, table } from '../terminal.js';
import type { AddCommands, Means } from './command.js';
import { readJson } from './json-argument.js';
import { OPEN_STATUSES } from './run-statuses.js';

const summary = z.looseObject({ runId: z.string(), status: z.string(), agent: z.string(), type: z.string(), goal: z.string(), changedAt: z.number() });
const outcome = z.looseObject({ runId: z.string(), outcome: z.enum(['told', 'known', 'skipped', 'failed']), code: z.string().optional(), newRunId: z.string().optional() });
const answer = z.looseObject({ action: z.string(), count: z.number(), more: z.boolean(), sample: z.array(summary), shown: z.looseObject({}).optional(), outcomes: z.array(outcome) });
type Answer = z.infer<typeof answer>;

/** Times that the very same request is sent: it takes effect once, and goes on with the runs that have not been told. */
const MOST_ATTEMPTS = 3;

export const BULK_ACTIONS = ['cancel', 'abort', 'pause', 'resume', 'signal', 'retry'] as const;
/** What has ended can be retried, and nothing else be told to it. */
export const BULK_STATUSES = [...OPEN_STATUSES, 'failed', 'cancelled'] as const;

interface Asked {
  readonly status?: string;
  readonly agent?: string;
  readonly type?: string;
  readonly changedAfter?: number;
  readonly changedBefore?: number;
  readonly all?: true;
  readonly name?: string;
  readonly payload: unknown;
  readonly reason: string;
  readonly limit: number;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** One word to many runs: those that fit are shown first, and it reaches these very runs when somebody agrees. */
export const addBulkCommand: AddCommands = (program, means) => {
  program.command('bulk').description('Cancels, aborts, pauses, resumes, signals or retries all runs that fit: shows which, asks on a terminal, and tells these very runs. Ends with 1 where some were not told.')
    .addArgument(new Argument('<action>').choices(BULK_ACTIONS))
    .addOption(new Option('--status <status>', 'how they stand').choices(BULK_STATUSES)).option('--agent <name>').option('--type <type>', 'of the task')
    .option('--changed-after <time>', 'whose last commit is later, such as 2026-11-27T10:00Z', readInstant).option('--changed-before <time>', 'whose last commit is earlier', readInstant)
    .option('--all', 'every run that has not ended, or that failed, for retry, where nothing else is named').option('--name <signal>', 'of signal: what it is called').option('--payload <json>', 'of signal: any JSON', readJson, null).option('--reason <text>', 'why; it is kept in the logs', '').option('--limit <n>', 'how many at most, those changed last first', readLimit, 1_000)
    .option('--dry-run', 'show which, and do nothing').option('--yes', 'do it without asking').option('--json', 'as JSON')
    .action((action: string, asked: Asked) => bulk(means, action, asked));
};

async function bulk(means: Means, action: string, { all, name, payload, reason, limit, dryRun, yes, json, ...filter }: Asked): Promise<void> {
  const { gateway, terminal } = means;
  if ((all === true) === (Object.keys(filter).length > 0)) throw usage('Name what the runs have in common, or say --all.', 'Use --status, --agent, --type, --changed-after or --changed-before; --all stands alone and is for every run that has not ended, or, for retry, that failed.');
  if ((action === 'cancel' || action === 'abort') && reason === '') throw usage('Runs are not ended without a reason.', 'Say why with --reason <text>; it is kept in the logs.');
  if ((action === 'signal') !== (name !== undefined)) throw usage('A signal has a name, and nothing else has.', 'Use --name <signal> with the action signal alone.');
  const ask = json === true ? undefined : terminal.ask;
  if (dryRun !== true && yes !== true && ask === undefined) throw usage('There is nobody to ask whether it shall be done.', 'Look with --dry-run, and do it with --yes.');

  const request = { action, filter, ...(name === undefined ? {} : { signal: { name, payload } }), reason, limit };
  const found = await gateway().post('/v1/runs/bulk', request, answer);
  if (dryRun === true || found.shown === undefined) return show(terminal, json, found, () => shownText(found, means));
  if (json !== true) terminal.out(shownText(found, means));
  if (yes !== true && !(await ask?.(`${action} ${runs(found.count)}? [y/N] `))) {
    terminal.out('Nothing was done.');
    throw new EndsWith('refused');
  }
  const done = await carryOut(means, { ...request, shown: found.shown });
  show(terminal, json, { ...done, more: found.more }, () => doneText(done, found.more));
  if (done.outcomes.some(({ outcome }) => outcome === 'failed')) throw new EndsWith('refused');
}

async function carryOut({ gateway, terminal }: Means, request: object): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const done = await gateway().post('/v1/runs/bulk', request, answer);
      const failed = done.outcomes.filter(({ outcome }) => outcome === 'failed').length;
      if (failed === 0 || attempt === MOST_ATTEMPTS) return done;
      terminal.note?.(`${runs(failed)} could not be told; trying again`);
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !(error instanceof HoldfastError) || !error.retryable) throw error;
      terminal.note?.(`${error.message} Trying again.`);
    }
  }
}

function shownText({ action, count, more, sample }: Answer, { terminal }: Means): string {
  if (count === 0) return 'No run fits.';
  const rows = sample.map((one) => [one.runId, one.status, oneLine(one.agent), oneLine(one.type), new Date(one.changedAt).toISOString(), oneLine(one.goal, 60)]);
  const rest = count > sample.length ? `\nand ${count - sample.length} more` : '';
  return `${table(['run', 'status', 'agent', 'type', 'changed', 'goal'], rows, terminal.columns)}${rest}\n\n${action} is about ${runs(count)}.${more ? ' More fit than are taken at once.' : ''}`;
}

function doneText({ outcomes }: Answer, more: boolean): string {
  const number = (wanted: string): number => outcomes.filter(({ outcome }) => outcome === wanted).length;
  const left = outcomes.filter(({ outcome }) => outcome === 'skipped' || outcome === 'failed');
  const retried = outcomes.filter(({ newRunId }) => newRunId !== undefined);
  return [
    ...(retried.length === 0 ? [] : [table(['run', 'goes on as'], retried.map(({ runId, newRunId = '' }) => [runId, newRunId]))]),
    ...(left.length === 0 ? [] : [table(['run', 'outcome', 'why'], left.map(({ runId, outcome, code = '' }) => [runId, outcome, code]))]),
    `${runs(number('told') + number('known'))} told, ${number('skipped')} skipped since they do not fit any more, ${number('failed')} failed.`,
    ...(number('failed') === 0 ? [] : ['Repeat the command for those that failed.']), ...(more ? ['More runs fit: repeat the command for them.'] : []),
  ].join('\n');
}

const runs = (count: number): string => `${count} run${count === 1 ? '' : 's'}`;

function readInstant(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at) || at < 0) throw new InvalidArgumentError('It must be a date and time, such as 2026-11-27T10:00Z.');
  return at;
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > 1_000) throw new InvalidArgumentError('It must be a number from 1 to 1000.');
  return Number(text);
}
