import { createHash } from 'node:crypto';
import { candidatesOf, type Baseline, type Candidate } from './candidates.js';
import { FAMILIES, type Family } from './families.js';
import type { Suite, SuiteCase } from '../suites/suite.js';

/** One case under one set of faults. Its name is the case's name in the suite that is made of cells, and finds it again. */
export interface Cell {
  readonly family: Family;
  /** How many faults it has at once. */
  readonly intensity: number;
  readonly given: SuiteCase;
}

export interface MatrixOptions {
  readonly families: readonly Family[];
  /** The same seed, suite and behaviour make the same cells. */
  readonly seed: number;
  /** At most so many cells of each family. */
  readonly most: number;
}

/** Of a family's cells, how many have one, two and three faults. */
const SHARES = [0.6, 0.25, 0.15] as const;

/**
 * The matrix: for each family, cells with one to three faults, spread evenly over cases and kinds of faults. Which ones are
 * taken is decided by a hash of seed and name, so that adding a case or a field moves no other cell.
 */
export function cellsOf(suite: Suite, baselines: ReadonlyMap<string, Baseline>, { families, seed, most }: MatrixOptions): readonly Cell[] {
  return FAMILIES.filter((family) => families.includes(family)).flatMap((family) => {
    const sources = suite.cases.flatMap((given) => {
      const baseline = baselines.get(given.name);
      return baseline === undefined ? [] : [{ given, candidates: shuffled(candidatesOf(family, given, baseline, suite.adversary.payloads), `${seed} ${given.name}`) }];
    });
    return SHARES.flatMap((share, index) => {
      const intensity = index + 1;
      const cells = inTurn(sources.map(({ given, candidates }) => combined(candidates, intensity).map((faults) => cellOf(family, given, faults, intensity === 1 && suite.withstands.includes(family) ? 'done' : 'safe'))));
      return cells.slice(0, Math.round(most * share));
    });
  });
}

/** The suite whose cases are these cells. */
export function suiteOf(suite: Suite, cells: readonly Cell[]): Suite {
  return { ...suite, cases: cells.map(({ given }) => given) };
}

/** The cell that a case of such a suite is, by its name. */
export function placeOf(name: string): { readonly family: Family; readonly intensity: number } | undefined {
  const [family, intensity] = name.split('/');
  const found = FAMILIES.find((each) => each === family);
  return found === undefined ? undefined : { family: found, intensity: Number(intensity) };
}

function cellOf(family: Family, given: SuiteCase, faults: readonly Candidate[], judged: 'safe' | 'done'): Cell {
  const kills = faults.flatMap(({ kill }) => (kill === undefined ? [] : [kill]));
  const https = faults.flatMap(({ http }) => (http === undefined ? [] : [http]));
  const event = faults.reduce((so, { task }) => (task === undefined ? so : { ...so, data: withText(so.data, task.at, task.text) as typeof so.data }), given.event);
  return {
    family, intensity: faults.length,
    given: {
      ...given, event, expect: { ...given.expect, judged },
      name: `${family}/${faults.length}/${given.name}/${faults.map(({ name }) => name).join(' + ')}`,
      faults: { ...given.faults, kill: kills, http: https, taskTwice: faults.some(({ taskTwice }) => taskTwice === true) },
    },
  };
}

/** So many different faults at once: each candidate with the next ones in the order of their hashes, that of others when it is alone. */
function combined(candidates: readonly Candidate[], intensity: number): readonly (readonly Candidate[])[] {
  if (intensity === 1) return candidates.map((candidate) => [candidate]);
  const groups = Math.floor(candidates.length / intensity);
  return Array.from({ length: groups }, (_, group) => candidates.slice(group * intensity, (group + 1) * intensity));
}

/** By hash, then in turn from each group, the worst ones first, so that few cells still show every kind of fault. */
function shuffled(candidates: readonly Candidate[], salt: string): readonly Candidate[] {
  const hashed = candidates.map((candidate) => ({ candidate, hash: createHash('sha256').update(`${salt} ${candidate.name}`).digest('hex') })).sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ candidate }) => candidate);
  const groups = [...Map.groupBy(hashed, ({ group }) => group).values()];
  return inTurn([...groups.filter(([first]) => first?.worst === true), ...groups.filter(([first]) => first?.worst !== true)]);
}

/** The first of each list, then the second of each, and so on. */
function inTurn<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => (index < list.length ? [list[index] as T] : []))).flat();
}

function withText(value: unknown, path: string, text: string): unknown {
  const copy: unknown = structuredClone(value);
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  const holder = parts.reduce<unknown>((inner, part) => (inner as Record<string, unknown>)[part], copy) as Record<string, unknown>;
  holder[last] = `${String(holder[last])} ${text}`;
  return copy;
}
