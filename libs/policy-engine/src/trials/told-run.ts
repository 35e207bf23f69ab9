import { resultLabels, taskLabels, type AgentDeclaration, type Label, type Task, type ToolContract, type VouchedValue } from '@holdfast/contracts';
import { OriginIndex } from '../origins/origin-index.js';

/** A task as a test tells it; what is left out is empty. */
export type ToldTask = Pick<Task, 'type' | 'goal'> & Partial<Pick<Task, 'input' | 'requester'>> & {
  /** Of a run that another run started: what that one knew of the task's fields, by dotted path below the task. */
  readonly labels?: Readonly<Record<string, Partial<Pick<Label, 'trust' | 'secrecy'>>>>;
};

/** What a run has read, told without a run: the same events that the log would hold, with the same labels. */
export class ToldRun {
  readonly index = new OriginIndex();
  private calls = 0;

  constructor(agent: AgentDeclaration, { type, goal, input = {}, requester = 'tester', labels = {} }: ToldTask) {
    const task: Task = { source: '/told', id: 'told', type, goal, requester, input };
    this.index.add({ type: 'task-accepted', agent: { name: agent.name, digest: agent.digest }, budgets: agent.budgets, labels: labelsOf(taskLabels(agent, task), labels), task });
  }

  /** A call that was made, and what it gave back. */
  observe(contract: ToolContract, args: Readonly<Record<string, unknown>>, result: unknown): void {
    this.calls += 1;
    const callId = `told-${this.calls}`;
    this.index.add({ type: 'tool-called', callId, tool: contract.name, adapter: contract.adapter, effect: contract.effect, arguments: { ...args }, contractDigest: contract.digest, permit: 'told' });
    this.index.add({ type: 'observation-recorded', callId, content: result, ...resultLabels(contract.outputLabel, `tool:${contract.name}`, undefined, result) });
  }

  /** A person vouched for values of a call of this tool, by the dotted path of each argument. */
  endorse(tool: string, args: Readonly<Record<string, unknown>>, values: readonly VouchedValue[], by: string): void {
    this.calls += 1;
    const asked = { approvalId: `told-${this.calls}`, callId: `told-${this.calls}` };
    this.index.add({ type: 'approval-requested', ...asked, tool, arguments: { ...args }, reasons: ['told'], expiresAt: 0 });
    this.index.add({ type: 'approval-answered', ...asked, answer: 'endorsed', by, comment: '', values: [...values] });
  }
}

function labelsOf(declared: Readonly<Record<string, Label>>, told: NonNullable<ToldTask['labels']>): Record<string, Label> {
  const handed = Object.entries(told).map(([path, label]): [string, Label] => [path, { trust: 'third-party', secrecy: 'internal', source: `task.${path}`, ...label }]);
  return { ...declared, ...Object.fromEntries(handed) };
}
