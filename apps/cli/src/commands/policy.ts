import { readFile } from 'node:fs/promises';
import { HoldfastError, catalog } from '@holdfast/contracts';
import { openLog } from '@holdfast/event-log';
import { RunBacktest, loadBundle, policyCases, readPolicies, runPolicyCases, type ChangedDecision, type PolicyBundle } from '@holdfast/policy-engine';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { oneLine, table } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

interface BundleOptions {
  readonly policies: string;
  readonly catalog: string;
}

const because = z.looseObject({
  actions: z.array(z.looseObject({
    callId: z.string(), tool: z.string(),
    policy: z.array(z.looseObject({ commit: z.number(), outcome: z.string(), reasons: z.array(z.string()), policies: z.array(z.string()), policyDigest: z.string(), risk: z.looseObject({ score: z.number(), factors: z.array(z.string()) }), origins: z.array(z.looseObject({ argument: z.string(), role: z.string(), trust: z.string(), source: z.string(), excerpt: z.string(), grounds: z.string().optional() })) })),
  })),
});

/** Policies as a product: they are tested before they are deployed, tried on what happened, and explained. */
export const addPolicyCommands: AddCommands = (program, means) => {
  const command = program.command('policy').description('Tests policies, tries them on recorded runs, and explains decisions.');
  withBundle(command.command('test').description('Judges the cases of a file, and ends with 1 when one is not as it says. Needs nothing running.').argument('<cases>', 'a YAML or JSON file; docs/policy-tests.md describes it'))
    .action((file: string, options: BundleOptions) => test(file, options, means));
  withBundle(command.command('backtest').description('Decides every recorded run again under other policies, and lists each decision that would change; ends with 1 when one would. Reads NATS_URL and HOLDFAST_NATS_SEED as a service that may read the log.'))
    .option('--environment <name>', 'what policies read as context.environment; HOLDFAST_ENVIRONMENT, as for the service, when left out', process.env['HOLDFAST_ENVIRONMENT'] ?? 'development').option('--json', 'as JSON')
    .action((options: BundleOptions & { readonly environment: string; readonly json?: true }) => backtest(options, means));
  command.command('explain').description('Tells what policy said of a call and why: reasons, policies, risk, and where each value came from.').argument('<run>').argument('<call>')
    .action((run: string, call: string) => explain(run, call, means));
};

function withBundle(command: Command): Command {
  return command.requiredOption('--policies <folder>', 'the folder with the .cedar files').requiredOption('--catalog <file>', 'the catalogue of agents and tools');
}

/** The bundle as the service of that environment has it, so that its digest is the same. */
async function bundleOf({ policies, catalog: file }: BundleOptions, environment: string): Promise<PolicyBundle> {
  const read = catalog.safeParse(await readYaml(file));
  if (!read.success) throw new HoldfastError({ code: 'catalog.invalid', message: `The catalogue "${file}" is invalid: ${z.prettifyError(read.error)}`, retryable: false, remedy: 'Generate it with this release.' });
  return loadBundle({ policies: await readPolicies(policies), catalog: read.data, environment });
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'), { merge: true, maxAliasCount: 100 });
  } catch (cause) {
    throw new HoldfastError({ code: 'cli.usage', message: `"${file}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, retryable: false, remedy: 'Correct the path or the file.', cause });
  }
}

async function test(file: string, options: BundleOptions, { terminal }: Means): Promise<void> {
  const cases = policyCases.safeParse(await readYaml(file));
  if (!cases.success) throw new HoldfastError({ code: 'cli.usage', message: `"${file}" is no file of policy tests: ${z.prettifyError(cases.error)}`, retryable: false, remedy: 'Correct the named fields; docs/policy-tests.md describes the form.' });
  const results = runPolicyCases(await bundleOf(options, cases.data.environment), cases.data);
  for (const { name, wrong, reasons } of results) {
    terminal.out(`${wrong.length === 0 ? 'ok    ' : 'WRONG '} ${oneLine(name)}`);
    if (wrong.length > 0) terminal.out(`       ${oneLine(wrong.join('; '), 1_000)}\n       It says: ${oneLine(reasons.join(' '), 1_000)}`);
  }
  const failed = results.filter(({ wrong }) => wrong.length > 0).length;
  terminal.out(`${results.length - failed} as expected, ${failed} not.`);
  if (failed > 0) throw new HoldfastError({ code: 'policy.cases-failed', message: `${failed} of ${results.length} cases are not as they say.`, retryable: false, remedy: 'Correct the policies, or the cases.' });
}

async function backtest({ environment, json, ...options }: BundleOptions & { readonly environment: string; readonly json?: true }, { terminal }: Means): Promise<void> {
  const bundle = await bundleOf(options, environment);
  const { log, close } = await openLog(process.env, 'holdfast-backtest');
  const runs = new Map<string, RunBacktest>();
  const changed: ChangedDecision[] = [];
  let [decisions, ended] = [0, 0];
  try {
    const reading = log.follow(Array.from({ length: log.partitions }, () => 1), ({ commit }) => {
      const key = `${commit.tenant}/${commit.runId}`;
      const run = runs.get(key) ?? new RunBacktest(bundle, environment);
      const before = run.decisions;
      changed.push(...run.take(commit));
      decisions += run.decisions - before;
      // What has ended is not asked about any more, and would only fill the memory.
      if (commit.route !== 'end') runs.set(key, run);
      else if (runs.delete(key)) ended += 1;
    });
    await reading.caughtUp();
    reading.stop();
  } finally {
    await close();
  }
  if (json === true) terminal.out(JSON.stringify({ policyDigest: bundle.digest, runs: ended + runs.size, decisions, changed }, null, 2));
  else {
    if (changed.length > 0) terminal.out(table(['run', 'commit', 'call', 'tool', 'was', 'becomes', 'because'], changed.map(({ tenant, runId, commit, callId, tool, was, becomes, reasons }) => [`${tenant}/${runId}`, String(commit), callId, tool, was, becomes, oneLine(reasons.join(' '), 160)])));
    terminal.out(`${changed.length} of ${decisions} decisions in ${ended + runs.size} runs would change under ${bundle.digest.slice(0, 12)}.`);
  }
  if (changed.length > 0) throw new HoldfastError({ code: 'policy.decisions-change', message: `${changed.length} decisions would change.`, retryable: false, remedy: 'Look at each of them before these policies are deployed.' });
}

async function explain(run: string, call: string, { gateway, terminal }: Means): Promise<void> {
  const { actions } = await gateway().get(`/v1/runs/${encodeURIComponent(run)}/why?effect=${encodeURIComponent(call)}`, because);
  for (const { callId, tool, policy } of actions) {
    if (policy.length === 0) terminal.out(`Policy was not asked about call ${callId} of ${tool}.`);
    for (const { commit, outcome, reasons, policies, policyDigest, risk, origins } of policy) {
      terminal.out(`Call ${callId} of ${tool}: ${outcome} (commit ${commit}, policies ${policyDigest.slice(0, 12)}${policies.length === 0 ? '' : `: ${policies.join(', ')}`})`);
      for (const reason of reasons) terminal.out(`  ${oneLine(reason, 1_000)}`);
      terminal.out(`  risk ${risk.score}: ${risk.factors.map((factor) => oneLine(factor)).join('; ') || 'none'}`);
      if (origins.length > 0) terminal.out(table(['  argument', 'role', 'trust', 'grounds', 'source', 'read as'], origins.map((one) => [`  ${oneLine(one.argument, 60)}`, one.role, one.trust, one.grounds ?? '', oneLine(one.source, 60), oneLine(one.excerpt, 80)])));
    }
  }
}
