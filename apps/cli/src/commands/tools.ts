import type { Command } from 'commander';
import { HoldfastError, digest as digestShape } from '@holdfast/contracts';
import { z } from 'zod';
import { oneLine, table } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

const contract = z.looseObject({ name: z.string(), adapter: z.string(), effect: z.string(), digest: z.string() });
const list = z.looseObject({ tools: z.array(contract.extend({ status: z.string() })) });
const detail = z.looseObject({
  name: z.string(), status: z.string(), contract, candidate: contract.optional(), reason: z.string().optional(),
  differences: z.array(z.looseObject({ breaking: z.boolean(), kind: z.string(), path: z.string(), text: z.string() })),
  accepted: z.looseObject({ by: z.string(), at: z.number(), comment: z.string(), digest: z.string() }).optional(),
  parked: z.array(z.looseObject({ runId: z.string(), callId: z.string() })),
});
type Detail = z.infer<typeof detail>;

/** Tools and their contracts: how they stand, what changed at their servers, and what counts. */
export const addToolsCommands: AddCommands = (program, means) => {
  const command = program.command('tools').description('The tools, and whether their servers still offer what was accepted.');
  command.command('list', { isDefault: true }).description('Lists them.').option('--json', 'as JSON').action((options: { readonly json?: true }) => showAll(options, means));
  command.command('show').description('Shows how one stands, what changed, and which calls wait for it.').argument('<tool>').option('--json', 'as JSON')
    .action(async (name: string, { json }: { readonly json?: true }) => {
      const found = await means.gateway().get(`/v1/tools/${encodeURIComponent(name)}`, detail);
      means.terminal.out(json === true ? JSON.stringify(found, null, 2) : told(found));
    });
  addAccept(command, means);
};

async function showAll({ json }: { readonly json?: true }, { gateway, terminal }: Means): Promise<void> {
  const found = await gateway().get('/v1/tools', list);
  if (json === true) return terminal.out(JSON.stringify(found, null, 2));
  terminal.out(table(['tool', 'status', 'effect', 'adapter', 'contract'], found.tools.map(({ name, status, effect, adapter, digest }) => [name, status, effect, adapter, digest.slice(0, 12)])));
}

function told({ name, status, contract: counting, candidate, reason, differences, accepted, parked }: Detail): string {
  const lines = [`${name} is ${status}, under contract ${counting.digest.slice(0, 12)}.`];
  if (reason !== undefined) lines.push(`  ${oneLine(reason, 1_000)}`);
  if (differences.length > 0) lines.push('What its server offers differs:', ...differences.map(({ breaking, kind, path, text }) => `  ${breaking ? 'BREAKING' : 'harmless'}  ${kind} ${oneLine(path)}: ${oneLine(text, 400)}`));
  if (accepted !== undefined) lines.push(`Accepted by ${oneLine(accepted.by)} at ${new Date(accepted.at).toISOString()}: contract ${accepted.digest.slice(0, 12)}${accepted.comment === '' ? '' : ` (${oneLine(accepted.comment, 300)})`}.`);
  if (parked.length > 0) lines.push('Calls that wait for it:', ...parked.map(({ runId, callId }) => `  ${runId} ${callId}`));
  if (candidate !== undefined) lines.push('To let the candidate count (needs the role admin):', `  holdfast tools accept ${name} ${candidate.digest}`);
  return lines.join('\n');
}

function addAccept(command: Command, { gateway, terminal }: Means): void {
  command.command('accept').description('Lets a contract count from now on, or says that the tool\'s results are mended; parked calls are judged anew and go on.')
    .argument('<tool>').argument('<digest>', 'of the candidate, as "tools show" tells it').option('--comment <text>', 'why it may count; it is kept', '')
    .action(async (name: string, digest: string, { comment }: { readonly comment: string }) => {
      if (!digestShape.safeParse(digest).success) throw new HoldfastError({ code: 'cli.usage', message: `"${oneLine(digest)}" is no digest.`, retryable: false, remedy: `Look at "holdfast tools show ${name}", and give the whole digest that it ends with.` });
      const { status, parked } = await gateway().post(`/v1/tools/${encodeURIComponent(name)}/accept`, { digest, comment }, detail);
      terminal.out(`${name} is ${status} under contract ${digest.slice(0, 12)}.${parked.length === 0 ? '' : ` ${parked.length} parked ${parked.length === 1 ? 'call goes' : 'calls go'} on.`}`);
    });
}
