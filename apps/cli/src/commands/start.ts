import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { EndsWith, type Exit } from '../exit.js';
import { oneLine, show } from '../terminal.js';
import type { AddCommands, Means } from './command.js';
import { readObject } from './json-argument.js';
import { sayHowToRepeat } from './repeat.js';
import { endOf, untilKnown, type EndedRun } from './run-end.js';
import { watchRun } from './watch.js';

const accepted = z.looseObject({ runId: z.string(), id: z.string(), source: z.string(), duplicate: z.boolean() });
type Accepted = z.infer<typeof accepted>;

interface Asked {
  readonly input?: Readonly<Record<string, unknown>>;
  readonly id?: string;
  readonly source?: string;
  readonly thread?: string;
  readonly scope?: readonly string[];
  readonly wait?: true;
  readonly follow?: true;
  readonly timeout?: number;
  readonly json?: true;
}

const EXIT_OF: Readonly<Record<string, Exit>> = { completed: 'done', failed: 'failed', cancelled: 'cancelled', erased: 'cancelled' };

/** Starting a task, and staying until its run has ended. */
export const addStartCommand: AddCommands = (program, means) => {
  program.command('run').description('Starts a task; its type decides which agent takes it. With --id and --source it may be repeated: the same two are the same run. With --wait or --follow the exit code tells how the run ended.').argument('<type>').argument('<goal>', 'what is wanted, in your own words')
    .option('--input <json>', 'everything else that the task is about, as a JSON object', readObject).option('--id <id>').option('--source <uri>').option('--thread <thread>', 'the conversation that it goes on with').option('--scope <tools...>', 'the only tools that it may use')
    .option('--wait', 'stay until the run has ended, and print its answer').option('--follow', 'as --wait, and print what happens meanwhile').option('--timeout <seconds>', 'how long to stay at most; the run goes on', readSeconds).option('--json', 'as JSON')
    .action((type: string, goal: string, asked: Asked) => start(means, type, goal, asked));
};

async function start(means: Means, type: string, goal: string, { json, wait, follow, timeout, id = randomUUID(), ...given }: Asked): Promise<void> {
  const { terminal } = means;
  const begun = await begin(means, { type, goal, id, ...given });
  const { runId, duplicate } = begun;
  const said = duplicate ? `The task was there already: run ${runId}.` : `Run ${runId} has begun.`;
  if (wait !== true && follow !== true) return show(terminal, json, begun, () => (duplicate ? said : `${said} "holdfast watch ${runId}" shows what happens in it.`));
  terminal.note?.(said);
  const over = timeout === undefined ? new AbortController().signal : AbortSignal.timeout(timeout * 1_000);
  await untilKnown(means, runId, over);
  // What is watched is for people to look at: it may break off, and the end is still waited for.
  const watching = follow === true ? watchRun(means, runId, { json, signal: over }) : undefined;
  const ended = await endOf(means, runId, over, { isWatched: follow === true });
  await watching?.catch(() => undefined);
  return tellEnd(means, begun, ended, json);
}

/** The task has an id before it is sent, so that whoever got no answer can send the same one again. */
async function begin({ gateway }: Means, task: Readonly<Record<string, unknown>> & { readonly id: string }): Promise<Accepted> {
  const { runId, id, source, duplicate } = await sayHowToRepeat(gateway().post('/v1/tasks', task, accepted), `--id ${task.id}`);
  return { runId, id, source, duplicate };
}

function tellEnd({ terminal }: Means, begun: Accepted, ended: EndedRun | undefined, json: true | undefined): void {
  const { runId } = begun;
  if (ended === undefined) {
    show(terminal, json, { ...begun, status: 'running' }, () => `Run ${runId} has not ended yet; it goes on. "holdfast watch ${runId}" shows what happens in it.`);
    throw new EndsWith('unfinished');
  }
  const { status, answer, reason } = ended;
  show(terminal, json, { ...begun, status, ...(answer === undefined ? {} : { answer }), ...(reason === undefined ? {} : { reason }) }, () => [`${status}`, ...(answer === undefined ? [] : [`answer: ${oneLine(answer, 10_000)}`]), ...(reason === undefined ? [] : [`reason: ${oneLine(reason, 600)}`])].join('\n'));
  const exit = EXIT_OF[status] ?? 'failed';
  if (exit !== 'done') throw new EndsWith(exit);
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 1_000_000)) throw new InvalidArgumentError('It must be a number of seconds above 0.');
  return seconds;
}
