import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { HoldfastError, canaryDeclaration } from '@holdfast/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { oneLine, show, table } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

const evidence = z.looseObject({ metric: z.string(), candidate: z.number(), incumbent: z.number(), harm: z.number(), noHarm: z.number() });
const summary = z.looseObject({
  id: z.string(), agent: z.string(), status: z.string(), candidate: z.string(), incumbent: z.string(), percent: z.number(), pairs: z.number(), candidateRuns: z.number(), incumbentRuns: z.number(),
  metrics: z.array(evidence), thresholds: z.looseObject({ harm: z.number(), noHarm: z.number() }),
  verdict: z.looseObject({ verdict: z.string(), reason: z.string() }).optional(), end: z.looseObject({ outcome: z.string(), reason: z.string(), by: z.string() }).optional(),
});
type Summary = z.infer<typeof summary>;
const list = z.looseObject({ canaries: z.array(summary) });

interface Options {
  readonly json?: true;
}

const pathOf = (id: string): string => `/v1/canaries/${encodeURIComponent(id)}`;

/** Versions of agents on trial: declared, looked at, and ended by people where they do not wait for the evidence. */
export const addCanaryCommands: AddCommands = (program, means) => {
  const command = program.command('canary').description('Versions of agents on trial: they get a share of new tasks until evidence ends it.');
  command.command('list', { isDefault: true }).description('Lists them, the latest first.').option('--json', 'as JSON').action(async ({ json }: Options) => {
    const found = await means.gateway().get('/v1/canaries', list);
    show(means.terminal, json, found, () => table(['canary', 'agent', 'status', 'candidate', 'share', 'pairs', ''], found.canaries.map(rowOf)));
  });
  command.command('show').description('Shows one with its evidence.').argument('<id>').option('--json', 'as JSON').action(async (id: string, { json }: Options) => {
    const found = await means.gateway().get(pathOf(id), summary);
    show(means.terminal, json, found, () => told(found));
  });
  command.command('start').description('Puts a version on trial (needs the role admin).').argument('<file>', 'what is declared: YAML or JSON, see docs/canaries.md').option('--json', 'as JSON').action(async (file: string, { json }: Options) => {
    const found = await means.gateway().post('/v1/canaries', declarationIn(file), summary);
    show(means.terminal, json, found, () => told(found));
  });
  addWord(command, means, 'pause', 'Gives the candidate no new tasks; what runs goes on and counts.');
  addWord(command, means, 'resume', 'Gives the candidate its share again.');
  addWord(command, means, 'promote', 'Gives the candidate all new tasks, whatever the evidence says.');
  addWord(command, means, 'abort', 'Ends it: the route is again what it was before.');
};

function addWord(command: Command, { gateway, terminal }: Means, word: string, description: string): void {
  command.command(word).description(description).argument('<id>').option('--comment <text>', 'why; it is kept', '').option('--json', 'as JSON').action(async (id: string, { comment, json }: Options & { readonly comment: string }) => {
    const found = await gateway().post(`${pathOf(id)}/${word}`, { comment }, summary);
    show(terminal, json, found, () => told(found));
  });
}

const rowOf = ({ id, agent, status, candidate, percent, pairs, end, verdict }: Summary): readonly string[] => [id, agent, status, candidate.slice(0, 12), `${percent}%`, String(pairs), oneLine(end?.reason ?? verdict?.reason ?? '', 200)];

/** Evidence is told as how many times what was bet has grown, since people do not read logarithms. */
function told({ id, agent, status, candidate, incumbent, percent, pairs, candidateRuns, incumbentRuns, metrics, thresholds, verdict, end }: Summary): string {
  const lines = [`${id} is ${status}: ${candidate.slice(0, 12)} gets ${status === 'running' ? percent : status === 'promoted' ? 100 : 0}% of the new tasks of ${agent} beside ${incumbent.slice(0, 12)}.`, `${pairs} pairs of ${candidateRuns} and ${incumbentRuns} runs.`];
  if (metrics.length > 0) lines.push(table(['metric', 'candidate', 'incumbent', 'harm', 'no harm'], metrics.map((one) => [one.metric, one.candidate.toPrecision(3), one.incumbent.toPrecision(3), Math.exp(one.harm).toPrecision(3), Math.exp(one.noHarm).toPrecision(3)])));
  lines.push(`Rolled back when a harm reaches ${Math.exp(thresholds.harm).toFixed(0)}, promoted when every "no harm" reaches ${Math.exp(thresholds.noHarm).toFixed(0)}.`);
  if (verdict !== undefined) lines.push(`The evidence says ${verdict.verdict}: ${oneLine(verdict.reason, 1_000)}`);
  if (end !== undefined) lines.push(`${end.outcome}, by ${oneLine(end.by)}${end.reason === '' ? '' : `: ${oneLine(end.reason, 1_000)}`}`);
  return lines.join('\n');
}

/** Throws `cli.file-unusable`, which names each fault. */
function declarationIn(file: string): z.infer<typeof canaryDeclaration> {
  const unusable = (why: string, cause?: unknown): HoldfastError => new HoldfastError({ code: 'cli.file-unusable', message: `${file} declares no canary: ${why}`, retryable: false, remedy: 'Correct the file; docs/canaries.md tells what it holds.', ...(cause === undefined ? {} : { cause }) });
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw unusable(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = canaryDeclaration.safeParse(value);
  if (!parsed.success) throw unusable(parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(file)'} ${message}`).join('; '));
  return parsed.data;
}
