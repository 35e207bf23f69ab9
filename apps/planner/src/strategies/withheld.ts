import { isAtLeast, leavesOf, nearest, type Label, type Labels, type Path, type Task } from '@holdfast/contracts';

/** What nobody has labelled is somebody else's text. */
const UNKNOWN: Pick<Label, 'trust'> = { trust: 'third-party' };
/** A longer name of a field, or one of other letters, may itself be what somebody wrote. */
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

/** True for text that may hold an outsider's wishes. */
export function isOutsiders({ trust }: Pick<Label, 'trust'>): boolean {
  return !isAtLeast(trust, 'organisation');
}

/** What stands where a text is that is not shown yet. */
export function withheld({ trust }: Pick<Label, 'trust'>, characters: number): string {
  return `(withheld until the plan stands: ${characters} characters, ${trust})`;
}

/** A task's fields, with a mark in the place of each that others wrote; numbers, and whether something is so, instruct nobody. */
export function withoutOutsiders(input: Task['input'], labels: Labels): Record<string, unknown> {
  const fields = Object.entries(input).map(([name, value], at): [string, unknown] => [NAME.test(name) ? name : `field${at + 1}`, shownAt(value, labels, ['input', name])]);
  return Object.fromEntries(fields);
}

function shownAt(value: unknown, labels: Labels, path: Path): unknown {
  const labelAt = (at: Path): Pick<Label, 'trust'> => nearest(labels, at) ?? UNKNOWN;
  const own = labelAt(path);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' && isOutsiders(own) ? withheld(own, value.length) : value;
  const leaves = leavesOf(value, { names: true }, path);
  if (!isOutsiders(own) && leaves.every((leaf) => !isOutsiders(labelAt(leaf.path)))) return value;
  if (leaves.every((leaf) => isOutsiders(labelAt(leaf.path)))) return withheld(leaves.map((leaf) => labelAt(leaf.path))[0] ?? own, JSON.stringify(value).length);
  if (Array.isArray(value)) return value.map((item, at) => shownAt(item, labels, [...path, String(at)]));
  // Below here the owner of the agent has declared some fields by name, and only those names are known to be nobody else's.
  const members = Object.entries(value).filter(([name, member]) => !isOutsiders(own) || leavesOf(member, { names: false }, [...path, name]).some((leaf) => !isOutsiders(labelAt(leaf.path))));
  const rest = Object.keys(value).length - members.length;
  return Object.fromEntries([...members.map(([name, member]): [string, unknown] => [name, shownAt(member, labels, [...path, name])]), ...(rest === 0 ? [] : [['withheld', `${rest} other fields`] as [string, unknown]])]);
}
