import { z } from 'zod';
import type { AgentDeclaration, ToolContract } from './catalog.js';
import { joined, reading, type Label, type Reading, type Trust } from './labels.js';
import { leavesOf, type Leaf, type Path } from './leaves.js';
import type { Task } from './task.js';

/** What a result is worth: as a whole, and by the dotted path of single fields. */
export interface ResultLabels {
  readonly label: Label;
  readonly fields: Record<string, Label>;
}

/** The best that an object of a result can say of itself: it vouches for no value, and is nobody's own word. */
const BEST_ITEM: Reading = { trust: 'organisation', secrecy: 'public' };

/**
 * The labels of what a tool gave back, as its contract has them. `source` is what gave it, and `believed` may lower the trust
 * that the contract promises.
 *
 * Where the contract says that objects carry labels of their own (`items`), each has its own from `result`, though never better
 * than the organisation's text; one without readable labels has the contract's, which is the worst. When every value of the
 * result is in such objects, the whole is worth the join of them, so that what was not found taints nothing.
 */
export function resultLabels({ trust: whole, secrecy: all, fields, items }: ToolContract['outputLabel'], source: string, believed: (trust: Trust) => Trust = (trust) => trust, result?: unknown): ResultLabels {
  const label: Label = { trust: believed(whole), secrecy: all, source };
  const declared = Object.entries(fields).map(([path, field]): [string, Label] => [path, { trust: believed(field.trust ?? whole), secrecy: field.secrecy ?? all, source: `${source}#${path}` }]);
  if (items === undefined || result === undefined) return { label, fields: Object.fromEntries(declared) };
  const own = objectsAt(result, items.split('.')).map(({ path, value }) => {
    const said = ownLabel.safeParse(value);
    const worth = said.success ? joined(said.data, BEST_ITEM) : label;
    return { path, label: { trust: believed(worth.trust), secrecy: worth.secrecy, source: `${source}#${path.join('.')}` } };
  });
  const isWithin = (leaf: Leaf): boolean => own.some(({ path }) => path.every((key, at) => leaf.path[at] === key));
  const join = own.reduce<Reading>((sum, item) => joined(sum, item.label), { ...BEST_ITEM, trust: believed(BEST_ITEM.trust) });
  return {
    label: leavesOf(result, { names: false }).every(isWithin) ? { ...join, source } : label,
    fields: Object.fromEntries([...declared, ...own.map((item) => [item.path.join('.'), item.label] as const)]),
  };
}

const ownLabel = z.object(reading.shape);

/**
 * The objects at a dotted path, each with the path that leads to it. `*` stands for any place in a list and for no member of an
 * object, whose name could hold a dot and so claim the label of something else.
 */
function objectsAt(root: unknown, keys: readonly string[], at: Path = []): readonly { readonly path: Path; readonly value: object }[] {
  if (root === null || typeof root !== 'object') return [];
  const [key, ...rest] = keys;
  if (key === undefined) return Array.isArray(root) ? [] : [{ path: at, value: root }];
  return Object.entries(root).filter(([name]) => (key === '*' ? Array.isArray(root) : name === key)).flatMap(([name, member]) => objectsAt(member, rest, [...at, name]));
}

/** What a text is worth that may hold any part of a result, such as the message of a failure. */
export function wholeLabel({ label, fields }: ResultLabels): Label {
  return { ...Object.values(fields).reduce(joined, label), source: label.source };
}

/** The task's fields are labelled as the agent's owner declared; what nobody declared is somebody else's text, but for the goal, which is the requester's. */
export function taskLabels({ inputTrust }: Pick<AgentDeclaration, 'inputTrust'>, { id, source }: Pick<Task, 'id' | 'source'>): Record<string, Label> {
  const labels: Record<string, Label> = {
    goal: { trust: 'user', secrecy: 'internal', source: 'task.goal' },
    input: { trust: 'third-party', secrecy: 'internal', source: `task ${id} from ${source}` },
  };
  for (const [path, declared] of Object.entries(inputTrust)) labels[path] = { trust: declared, secrecy: 'internal', source: `task.${path}` };
  return labels;
}
