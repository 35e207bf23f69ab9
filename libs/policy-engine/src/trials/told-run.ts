import { resultLabels, taskLabels, type AgentDeclaration, type Task, type ToolContract } from '@holdfast/contracts';
import { OriginIndex } from '../origins/origin-index.js';

/** A task as a test tells it; what is left out is empty. */
export type ToldTask = Pick<Task, 'type' | 'goal'> & Partial<Pick<Task, 'input' | 'requester'>>;

/** What a run has read, told without a run: the same events that the log would hold, with the same labels. */
export class ToldRun {
  readonly index = new OriginIndex();
  private calls = 0;

  constructor(agent: AgentDeclaration, { type, goal, input = {}, requester = 'tester' }: ToldTask) {
    const task: Task = { source: '/told', id: 'told', type, goal, requester, input };
    this.index.add({ type: 'task-accepted', agent: { name: agent.name, digest: agent.digest }, budgets: agent.budgets, labels: taskLabels(agent, task), task });
  }

  /** A call that was made, and what it gave back. */
  observe(contract: ToolContract, args: Readonly<Record<string, unknown>>, result: unknown): void {
    this.calls += 1;
    const callId = `told-${this.calls}`;
    this.index.add({ type: 'tool-called', callId, tool: contract.name, adapter: contract.adapter, effect: contract.effect, arguments: { ...args }, contractDigest: contract.digest, permit: 'told' });
    this.index.add({ type: 'observation-recorded', callId, content: result, ...resultLabels(contract.outputLabel, `tool:${contract.name}`, undefined, result) });
  }
}
