import { parseArgs } from 'node:util';
import { HoldfastError, type EffectClass } from '@holdfast/contracts';
import { SWITCHES } from './injection/switches.ts';
import { playMatrix, summaryOf, tableOf } from './matrix.ts';
import { EFFECT_CLASSES, MOMENTS, type Cell, type Moment } from './plan.ts';

/**
 * `npm run matrix:effects -- --rounds N`: each effect class times each moment at which a worker can be struck, against a
 * real HTTP service that keeps its own record of effects. The last line is one JSON object; the exit code is 1 when an
 * effect happened twice, was lost, or was doubted without need. `--mutations` takes guarantees away and expects that.
 */
const USAGE = `npm run matrix:effects -- [--rounds N] [--seed S] [--classes a,b] [--moments a,b] [--mutations]
  --rounds N     rounds of each cell; 20 when left out
  --seed S       decides the order
  --classes a,b  of ${EFFECT_CLASSES.join(', ')}
  --moments a,b  of ${MOMENTS.join(', ')}
  --mutations    plays with ${Object.keys(SWITCHES).join(', ')} switched off in turn, and expects broken promises each time`;

/** Where the loss of each guarantee shows. */
const SHOWS: Readonly<Record<string, { readonly classes: readonly EffectClass[]; readonly moments: readonly Moment[] }>> = {
  ledger: { classes: ['reconcilable', 'at-most-once'], moments: ['after-outcome', 'two-at-once'] },
  fence: { classes: ['reconcilable', 'at-most-once'], moments: ['two-at-once'] },
  key: { classes: ['keyed'], moments: ['after-effect'] },
};
const MUTATION_ROUNDS = 4;

const cellsOf = (classes: readonly EffectClass[], moments: readonly Moment[]): readonly Cell[] => classes.flatMap((effect) => moments.map((moment) => ({ effect, moment })));

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' }, classes: { type: 'string' }, moments: { type: 'string' }, mutations: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const seed = wholeNumber('seed', values.seed) ?? Math.floor(Math.random() * 1_000_000);
  if (values.mutations === true) return checkMutations(seed);
  const started = performance.now();
  const cells = cellsOf(listOf('classes', values.classes, EFFECT_CLASSES), listOf('moments', values.moments, MOMENTS));
  const played = await playMatrix({ cells, rounds: wholeNumber('rounds', values.rounds) ?? 20, seed });
  console.table(tableOf(played));
  const summary = summaryOf(played);
  console.log(JSON.stringify({ seed, ...summary, seconds: Math.round((performance.now() - started) / 1_000) }));
  return summary.broken === 0 ? 0 : 1;
}

async function checkMutations(seed: number): Promise<number> {
  const started = performance.now();
  const noticed: string[] = [];
  for (const [without, { classes, moments }] of Object.entries(SHOWS)) {
    const { broken, duplicates } = summaryOf(await playMatrix({ cells: cellsOf(classes, moments), rounds: MUTATION_ROUNDS, seed, without }));
    if (duplicates > 0) noticed.push(without);
    console.log(`${duplicates > 0 ? 'noticed    ' : 'NOT NOTICED'} ${without}: ${duplicates} operations done more than once, ${broken} broken promises`);
  }
  const missed = Object.keys(SHOWS).filter((without) => !noticed.includes(without));
  console.log(JSON.stringify({ seed, mutations: Object.keys(SHOWS).length, noticed: noticed.length, missed, seconds: Math.round((performance.now() - started) / 1_000) }));
  return missed.length === 0 ? 0 : 1;
}

function listOf<T extends string>(option: string, given: string | undefined, all: readonly T[]): readonly T[] {
  if (given === undefined) return all;
  return given.split(',').map((name) => all.find((known) => known === name.trim()) ?? refuse(option, name, `Use some of ${all.join(', ')}.`));
}

function wholeNumber(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  return /^\d{1,6}$/.test(given) ? Number(given) : refuse(option, given, `Use for example --${option} 7.`);
}

function refuse(option: string, given: string, remedy: string): never {
  throw new HoldfastError({ code: 'matrix.bad-option', message: `--${option} cannot be "${given}".`, retryable: false, remedy });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof HoldfastError ? `${error.message}\nWhat to do: ${error.remedy}` : error);
  if (!(error instanceof HoldfastError)) console.error(USAGE);
  process.exitCode = 2;
}
