import { parseArgs } from 'node:util';
import { HoldfastError } from '@holdfast/contracts';
import { FAULTS, faultNamed } from './faults/all.ts';
import { requireNeeds, type Need } from './machine/needs.ts';
import { checkMutations } from './mutations.ts';
import { Campaign } from './campaign.ts';

/**
 * `npm run chaos -- --rounds N [--seed S] [--faults a,b] [--seconds T]`: real processes under load, and faults. Each round
 * inflicts one fault; which rounds there are follows from the seed. The last line is one JSON object, and the exit code
 * is 1 when any promise was broken. `--mutations` switches guarantees off and expects that each loss is noticed.
 */
const USAGE = `npm run chaos -- [--rounds N] [--seconds T] [--seed S] [--faults a,b] [--instances 1|2] [--mutations]
  --rounds N     this many rounds; one of each fault when neither rounds nor seconds are given
  --seconds T    as many rounds as fit into T seconds
  --seed S       the seed of the first round; those after it have the next seeds
  --faults a,b   only these faults
  --instances K  processes of orchestrator, planner and adapters; by turns one and two when left out
  --mutations    switches off fsync, fence, dedupe and ledger in turn, and expects broken promises each time

Faults:
${FAULTS.map((fault) => `  ${fault.name.padEnd(22)} ${fault.summary}${fault.needs.length === 0 ? '' : ` (needs ${fault.needs.join(', ')})`}${fault.known === undefined ? '' : `\n  ${' '.repeat(22)} only by name: ${fault.known}`}`).join('\n')}`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' }, faults: { type: 'string' }, instances: { type: 'string' }, mutations: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (values.mutations === true) return checkMutations();
  const faults = values.faults === undefined ? FAULTS.filter(({ known }) => known === undefined) : values.faults.split(',').map((name) => faultNamed(name.trim()));
  requireNeeds(needsOf(faults));
  const rounds = wholeNumber('rounds', values.rounds);
  const seconds = wholeNumber('seconds', values.seconds);
  const seed = wholeNumber('seed', values.seed) ?? Math.floor(Math.random() * 1_000_000);
  const campaign = await Campaign.begin();
  return campaign.play({ faults, seed, seconds, rounds: rounds ?? (seconds === undefined ? faults.length : Number.POSITIVE_INFINITY), instances: wholeNumber('instances', values.instances) });
}

/** Which faults need what. */
function needsOf(faults: typeof FAULTS): ReadonlyMap<Need, readonly string[]> {
  const needs = new Map<Need, string[]>();
  for (const fault of faults) for (const need of fault.needs) needs.set(need, [...(needs.get(need) ?? []), fault.name]);
  return needs;
}

function wholeNumber(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new HoldfastError({ code: 'chaos.bad-option', message: `--${option} is "${given}", which is no whole number.`, retryable: false, remedy: `Use for example --${option} 7.` });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof HoldfastError ? `${error.message}\nWhat to do: ${error.remedy}` : error);
  if (!(error instanceof HoldfastError)) console.error(USAGE);
  process.exitCode = 2;
}
