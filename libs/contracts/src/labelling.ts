import type { AgentDeclaration, ToolContract } from './catalog.js';
import { joined, type Label, type Trust } from './labels.js';
import type { Task } from './task.js';

/** What a result is worth: as a whole, and by the dotted path of single fields. */
export interface ResultLabels {
  readonly label: Label;
  readonly fields: Record<string, Label>;
}

/**
 * The labels of what a tool gave back, as its contract has them. `source` is what gave it, and `believed` may lower the trust
 * that the contract promises.
 */
export function resultLabels({ trust: whole, secrecy: all, fields }: ToolContract['outputLabel'], source: string, believed: (trust: Trust) => Trust = (trust) => trust): ResultLabels {
  return {
    label: { trust: believed(whole), secrecy: all, source },
    fields: Object.fromEntries(Object.entries(fields).map(([path, field]) => [path, { trust: believed(field.trust ?? whole), secrecy: field.secrecy ?? all, source: `${source}#${path}` }])),
  };
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
