/**
 * Shows what a model was shown: `node apps/planner/dist/prompts/program.js <tenant>/<run> [commit]`.
 *
 * It reads as the planner does: NATS_URL, HOLDFAST_PARTITIONS, HOLDFAST_NATS_SEED or HOLDFAST_NATS_SEED_FILE of the planner, HOLDFAST_CATALOG, and for runs about a data subject HOLDFAST_MASTER_KEY_FILE. It prints one JSON object, a
 * {@link RebuiltPrompt}, and ends with code 0 when its digest is the recorded one, 1 when it is not, and 2 when it could not be made.
 * What it prints holds everything that the model read, secrets included.
 */
import { AgentRegistry } from '@holdfast/agent-registry';
import { HoldfastError, runId, tenantId, type RunKey } from '@holdfast/contracts';
import { openLog } from '@holdfast/event-log';
import { readCatalog } from '@holdfast/service';
import { openCatalog } from '@holdfast/tool-registry';
import { rebuildPrompt } from './rebuild-prompt.js';

const EXIT_DIFFERS = 1;
const EXIT_FAILED = 2;

function question([run = '', number]: readonly string[]): { readonly key: RunKey; readonly number?: number } {
  const [tenant, id] = run.split('/');
  const isNumber = number === undefined || /^[1-9][0-9]*$/.test(number);
  if (!tenantId.safeParse(tenant).success || !runId.safeParse(id).success || !isNumber) throw new HoldfastError({ code: 'settings.invalid', message: `"${[run, number ?? ''].join(' ').trim()}" names no run and commit.`, retryable: false, remedy: 'Name them as tenant/run and, unless the last decision is meant, the number of a commit.' });
  return { key: { tenant: tenant ?? '', runId: id ?? '' }, ...(number === undefined ? {} : { number: Number(number) }) };
}

async function main(): Promise<number> {
  const { key, number } = question(process.argv.slice(2));
  const declared = readCatalog(process.env['HOLDFAST_CATALOG'] ?? '');
  const { log, bus, close } = await openLog({ HOLDFAST_NATS_ROLE: 'planner', ...process.env }, 'prompt');
  const { catalog, registry } = await openCatalog(bus, declared, { warn: () => undefined });
  const agents = await AgentRegistry.open({ bus, declared: declared.agents });
  try {
    const known = [...catalog.tools, ...declared.tools];
    const prompt = await rebuildPrompt({ log, agents, contractOf: (tool, digest) => known.find((contract) => contract.name === tool && contract.digest === digest) }, key, number);
    process.stdout.write(`${JSON.stringify(prompt, null, 1)}\n`);
    return prompt.holds ? 0 : EXIT_DIFFERS;
  } finally {
    registry.close();
    agents.close();
    await close();
  }
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'internal', message: String(error) };
  process.stderr.write(`${JSON.stringify(shape)}\n`);
  process.exitCode = EXIT_FAILED;
});
