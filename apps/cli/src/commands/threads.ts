import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import { oneLine } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

const said = z.looseObject({ text: z.string(), label: z.looseObject({ trust: z.string(), secrecy: z.string() }) });
const turn = z.looseObject({ runId: z.string(), requester: z.string(), askedAt: z.number(), status: z.string(), goal: said, answer: said.optional() });
const thread = z.looseObject({ thread: z.string(), total: z.number(), turns: z.array(turn) });
const projection = z.looseObject({ behind: z.number(), turns: z.number(), checksum: z.string() });

const POLL_MS = 500;
const SHOWN = 300;

/** What was asked and answered in a thread. */
export const addThreadCommands: AddCommands = (program, means) => {
  program.command('thread').description('Shows what was asked and answered in a thread, with what each text is worth.').argument('<thread>').option('--json', 'as JSON').action((id: string, options: { readonly json?: true }) => show(id, options, means));
};

/** Threads made again from the log, beside the other commands on memory. */
export const addRebuildCommand: AddCommands = (memory, means) => {
  memory.command('rebuild').description('Forgets the projection of threads, waits until it is made again from the log, and says its checksum. May be repeated.').action(() => rebuild(means));
};

async function show(id: string, { json }: { readonly json?: true }, { gateway, terminal }: Means): Promise<void> {
  const turns: z.infer<typeof turn>[] = [];
  for (let more = true; more;) {
    const page = await gateway().get(`/v1/threads/${encodeURIComponent(id)}?offset=${turns.length}`, thread);
    turns.push(...page.turns);
    more = page.turns.length > 0 && turns.length < page.total;
  }
  if (json === true) return terminal.out(JSON.stringify({ thread: id, turns }, null, 2));
  if (turns.length === 0) return terminal.out('Nothing has been asked in this thread.');
  for (const { runId, requester, askedAt, status, goal, answer } of turns) {
    terminal.out(`${new Date(askedAt).toISOString()}  ${runId}  ${status}\n  ${oneLine(requester)} (${goal.label.trust}, ${goal.label.secrecy}): ${oneLine(goal.text, SHOWN)}`);
    if (answer !== undefined) terminal.out(`  answered (${answer.label.trust}, ${answer.label.secrecy}): ${oneLine(answer.text, SHOWN)}`);
  }
}

async function rebuild({ gateway, terminal }: Means): Promise<void> {
  let standing = await gateway().post('/v1/memory/threads/rebuild', {}, projection);
  for (let before = Infinity, still = 0; standing.behind > 0; before = standing.behind) {
    // New runs arrive meanwhile, so it may well be that a little is always missing.
    still = standing.behind < before ? 0 : still + 1;
    if (still > 120) throw new HoldfastError({ code: 'memory.rebuild-stalled', message: `The projection of threads does not get further: ${standing.behind} commits are missing.`, retryable: true, remedy: 'Look at the log of the memory service. It goes on by itself when it can; the command may be repeated.' });
    await sleep(POLL_MS);
    standing = await gateway().get('/v1/memory/threads', projection);
  }
  terminal.out(`${standing.turns} turns were made again from the log; checksum ${standing.checksum}.`);
}
