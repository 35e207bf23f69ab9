import { InvalidArgumentError, type Command } from 'commander';
import { readAgents } from '@holdfast/agent-sdk';
import { HoldfastError } from '@holdfast/contracts';
import { z } from 'zod';
import { oneLine, table } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

const word = z.looseObject({ by: z.string(), at: z.number() });
const version = z.looseObject({ digest: z.string(), by: z.string(), publishedAt: z.number().optional(), percent: z.number(), running: z.number(), revoked: word.extend({ reason: z.string() }).optional() });
const agent = z.looseObject({ name: z.string(), deployed: z.string().optional(), route: word.extend({ comment: z.string(), sequence: z.number(), shares: z.array(z.unknown()) }).optional(), versions: z.array(version) });
const list = z.looseObject({ agents: z.array(agent) });
const published = z.looseObject({ name: z.string(), digest: z.string(), status: z.string() });
const routed = z.looseObject({ changes: z.array(z.looseObject({ digest: z.string(), before: z.number(), after: z.number() })) });
const revoked = z.looseObject({ digest: z.string(), running: z.number(), revoked: z.looseObject({ by: z.string(), reason: z.string() }) });

type Agent = z.infer<typeof agent>;
type Version = z.infer<typeof version>;

interface Share {
  readonly version: string;
  readonly weight: number;
}

/** Agents and their versions: which there are, what new tasks get, and what must not go on. */
export const addAgentsCommands: AddCommands = (program, means) => {
  const command = program.command('agents').description('The agents, their versions, and which of them new tasks get.');
  command.command('list', { isDefault: true }).description('Lists the agents with their versions.').option('--json', 'as JSON').action(async ({ json }: { readonly json?: true }) => {
    const found = await means.gateway().get('/v1/agents', list);
    means.terminal.out(json === true ? JSON.stringify(found, null, 2) : table(['agent', 'version', 'new tasks', 'running', 'published', ''], found.agents.flatMap(rowsOf)));
  });
  command.command('show').description('Shows an agent, or what one version of it declares.').argument('<agent>').argument('[version]', 'its digest, or the beginning of it').option('--json', 'as JSON')
    .action((name: string, digest: string | undefined, options: { readonly json?: true }) => show(means, name, digest, options.json === true));
  command.command('publish').description('Publishes the agents of a file. New tasks get them when a route says so.').argument('<file>', 'an agent file, YAML or JSON').option('--dry-run', 'check everything and change nothing')
    .action((file: string, { dryRun }: { readonly dryRun?: true }) => publish(means, file, dryRun === true));
  addRoute(command, means);
  addRevoke(command, means);
};

const pathOf = (name: string): string => `/v1/agents/${encodeURIComponent(name)}`;
const short = (digest: string): string => digest.slice(0, 12);

function rowsOf({ name, deployed, versions }: Agent): readonly (readonly string[])[] {
  return versions.map(({ digest, percent, running, by, publishedAt, revoked: gone }) => [
    name, short(digest), `${percent}%`, String(running), publishedAt === undefined ? '' : `${new Date(publishedAt).toISOString().slice(0, 16)} by ${oneLine(by, 40)}`,
    gone !== undefined ? `REVOKED by ${oneLine(gone.by, 40)}: ${oneLine(gone.reason, 200)}` : digest === deployed ? 'deployed' : '',
  ]);
}

async function show({ gateway, terminal }: Means, name: string, wanted: string | undefined, json: boolean): Promise<void> {
  const found = await gateway().get(pathOf(name), agent);
  if (wanted !== undefined) return terminal.out(JSON.stringify(await gateway().get(`${pathOf(name)}/versions/${versionIn(found, wanted)}`, z.unknown()), null, 2));
  if (json) return terminal.out(JSON.stringify(found, null, 2));
  const { route } = found;
  const said = route === undefined ? 'Nobody has set a route: new tasks get what is deployed.'
    : `${route.shares.length === 0 ? 'Handed back to what is deployed' : 'Routed'} by ${oneLine(route.by)} at ${new Date(route.at).toISOString()}${route.comment === '' ? '' : ` (${oneLine(route.comment, 300)})`}.`;
  terminal.out([table(['agent', 'version', 'new tasks', 'running', 'published', ''], rowsOf(found)), said].join('\n'));
}

async function publish({ gateway, terminal }: Means, file: string, dryRun: boolean): Promise<void> {
  for (const { digest: _digest, ...declaration } of readAgents(file)) {
    const { name, digest, status } = await gateway().post(`${pathOf(declaration.name)}/versions`, { declaration, dryRun }, published);
    terminal.out(`${name} ${digest} ${status === 'known' ? 'is there already' : status === 'checked' ? 'could be published' : 'is published'}.`);
  }
}

function addRoute(command: Command, { gateway, terminal }: Means): void {
  command.command('route').description('Says which versions new tasks get, by weight; runs keep the version that they began with.')
    .argument('<agent>').argument('[version=weight...]', 'such as 3f9a0c71=90 d2417b55=10; a version alone gets everything', collectShares)
    .option('--deployed', 'hand the agent back to what is deployed').option('--comment <text>', 'why; it is kept', '').option('--dry-run', 'check everything and change nothing')
    .action(async (name: string, shares: readonly Share[] = [], { deployed, comment, dryRun }: { readonly deployed?: true; readonly comment: string; readonly dryRun?: true }) => {
      if ((deployed === true) === (shares.length > 0)) throw usage('A route names versions, or is --deployed.', `Such as "holdfast agents route ${name} 3f9a0c71=90 d2417b55=10".`);
      const found = await gateway().get(pathOf(name), agent);
      const body = { shares: shares.map((share) => ({ digest: versionIn(found, share.version), weight: share.weight })), comment, seen: found.route?.sequence ?? 0, dryRun: dryRun === true };
      const { changes } = await gateway().post(`${pathOf(name)}/route`, body, routed);
      terminal.out(table(['version', 'new tasks before', dryRun === true ? 'would be' : 'now'], changes.map(({ digest, before, after }) => [short(digest), `${before}%`, `${after}%`])));
    });
}

function addRevoke(command: Command, { gateway, terminal }: Means): void {
  command.command('revoke').description('Revokes a version, for good: its runs may call nothing more, and no run begins with it.')
    .argument('<agent>').argument('<version>', 'its digest, or the beginning of it').requiredOption('--reason <text>', 'why; the runs are told').option('--dry-run', 'check everything and change nothing')
    .action(async (name: string, wanted: string, { reason, dryRun }: { readonly reason: string; readonly dryRun?: true }) => {
      const digest = versionIn(await gateway().get(pathOf(name), agent), wanted);
      const { running, revoked: said } = await gateway().post(`${pathOf(name)}/versions/${digest}/revoke`, { reason, dryRun: dryRun === true }, revoked);
      const runs = `${running} of your runs ${running === 1 ? 'goes' : 'go'} by it`;
      terminal.out(dryRun === true ? `Version ${short(digest)} of ${name} could be revoked; ${runs}.` : `Version ${short(digest)} of ${name} is revoked by ${oneLine(said.by)}: ${oneLine(said.reason, 300)}. ${runs}, and may call nothing more.`);
    });
}

/** A version by the beginning of its digest. Throws `cli.usage` when it fits none, or several. */
function versionIn({ name, versions }: Agent, wanted: string): string {
  const fitting: readonly Version[] = versions.filter(({ digest }) => digest.startsWith(wanted));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only.digest;
  throw usage(`"${oneLine(wanted)}" fits ${fitting.length === 0 ? 'no version' : 'several versions'} of ${name}.`, `Look at "holdfast agents show ${name}".`);
}

function collectShares(text: string, before: readonly Share[] = []): readonly Share[] {
  const [, digest, weight = '1'] = /^([0-9a-f]{4,64})(?:=(\d{1,5}))?$/.exec(text) ?? [];
  if (digest === undefined) throw new InvalidArgumentError('It must be a version and its weight, such as 3f9a0c71=90.');
  return [...before, { version: digest, weight: Number(weight) }];
}

function usage(message: string, remedy: string): HoldfastError {
  return new HoldfastError({ code: 'cli.usage', message, retryable: false, remedy });
}
