import type { Leaf } from './leaves.js';

/** Where a value came from, as policy found it in the log. */
export interface Origin {
  readonly argument: string;
  readonly role: string;
  readonly trust: string;
  readonly source: string;
  readonly excerpt: string;
  readonly secrecy?: string;
  readonly grounds?: string;
}

/** A value with where it came from, and whether it is one of those that a person is asked about. */
export interface Judged extends Leaf {
  readonly origin: Origin | undefined;
  readonly isSuspect: boolean;
}

const VOUCHED: readonly string[] = ['user', 'endorsed', 'organisation'];

/** Joins values with their origins, and points out those that the reasons name or that nobody vouches for where it matters. */
export function judge(leaves: readonly Leaf[], origins: readonly Origin[], reasons: readonly string[]): readonly Judged[] {
  return leaves.map((leaf) => {
    const origin = originOf(leaf.path, origins);
    const isNamed = reasons.some((reason) => reason.includes(`"${leaf.path}"`));
    const isUnvouched = origin !== undefined && ['sink', 'target'].includes(origin.role) && !VOUCHED.includes(origin.trust);
    return { ...leaf, origin, isSuspect: isNamed || isUnvouched };
  });
}

/** Policy may tell of a list as a whole; what it says of it holds for each of its values. */
function originOf(path: string, origins: readonly Origin[]): Origin | undefined {
  const holders = origins.filter(({ argument }) => path === argument || path.startsWith(`${argument}.`));
  return holders.sort((one, other) => other.argument.length - one.argument.length)[0];
}

/** An excerpt in parts, of which every second one is the value itself. */
export function parts(excerpt: string, value: string): readonly string[] {
  if (value === '') return [excerpt];
  const found: string[] = [];
  let rest = excerpt;
  for (let at = rest.indexOf(value); at >= 0; at = rest.indexOf(value)) {
    found.push(rest.slice(0, at), value);
    rest = rest.slice(at + value.length);
  }
  return [...found, rest];
}
