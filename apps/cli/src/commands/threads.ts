import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import { oneLine } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

const said = z.looseObject({ text: z.string(), label: z.looseObject({ trust: z.string(), secrecy: z.string() }) });
const turn = z.looseObject({ runId: z.string(), requester: z.string(), askedAt: z.number(), status: z.string(), goal: said, answer: said.optional(), erased: z.boolean().optional() });
const thread = z.looseObject({ thread: z.string(), total: z.number(), turns: z.array(turn) });
const projection = z.looseObject({ behind: z.number(), turns: z.number(), checksum: z.string() });

const erased = z.looseObject({ documents: z.number(), turns: z.number(), log: z.enum(['erased', 'pending']), at: z.number() });

const POLL_MS = 500;
const SHOWN = 300;

/** What was asked and answered in a thread. */
export const addThreadCommands: AddCommands = (program, means) => {
  program.command('thread').description('Shows what was asked and answered in a thread, with what each text is worth.').argument('<thread>').option('--json', 'as JSON').action((id: string, options: { readonly json?: true }) => show(id, options, means));
};

/** Data subjects erased, and threads made again from the log: beside the other commands on memory. */
export const addForgettingCommands: AddCommands = (memory, means) => {
  memory.command('erase').description('Erases what is known of a data subject: in memory, and what runs about them said in the log.').argument('<data-subject>').requiredOption('--reason <text>', 'why; it is kept')
    .action((dataSubject: string, { reason }: { readonly reason: string }) => erase(dataSubject, reason, means));
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
  for (const { runId, requester, askedAt, status, goal, answer, erased: isErased } of turns) {
    terminal.out(`${new Date(askedAt).toISOString()}  ${runId}  ${status}\n  ${oneLine(requester)} (${goal.label.trust}, ${goal.label.secrecy}): ${isErased === true ? '[erased]' : oneLine(goal.text, SHOWN)}`);
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

async function erase(dataSubject: string, reason: string, { gateway, terminal }: Means): Promise<void> {
  const { documents, turns, log, at } = await gateway().post('/v1/erasures', { dataSubject, reason }, erased);
  terminal.out(`What memory held of ${dataSubject} before ${new Date(at).toISOString()} is erased: ${documents} versions of documents and the texts of ${turns} turns, by all orders so far.`);
  terminal.out(log === 'erased' ? 'What runs about them said can be read by nobody any more. Backups, and what docs/forgetting.md lists, still hold it.' : 'Runs about them are still being ended; what they said is erased within five minutes. The order needs no repetition.');
}
