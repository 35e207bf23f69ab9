import { describe, expect, it } from '@jest/globals';
import { choose, type Agents, type Choice, type Share } from '@holdfast/agent-registry';
import { BudgetBook, MemoryBudgetStore } from '@holdfast/budgets';
import type { AgentDeclaration } from '@holdfast/contracts';
import { InputPreparer } from './input-preparer.js';
import { FakePolicy, TroubledLog, catalog, eventsOf, key, plan, task } from './processor.fixture.js';
import { RunCache } from './run-cache.js';
import { RunProcessor } from './run-processor.js';

const first = catalog.agents[0] as AgentDeclaration;
const second: AgentDeclaration = { ...first, digest: 'b'.repeat(64), budgets: { ...first.budgets, maxSteps: 3 } };
const share = (agent: AgentDeclaration, more: Partial<Share> = {}): Share => ({ version: agent, weight: 1, agent, isRevoked: false, ...more });

/** An orchestrator whose route is as it is told last. */
function orchestrator(log: TroubledLog, known: readonly AgentDeclaration[] = [first, second]) {
  let shares: readonly Share[] = [share(first)];
  const asked: unknown[] = [];
  const agents: Pick<Agents, 'choose' | 'find' | 'revocation'> = {
    find: async ({ digest }) => known.find((agent) => agent.digest === digest),
    revocation: () => undefined,
    choose: async (wanted, run): Promise<Choice> => {
      asked.push(wanted);
      return choose([shares], run, 'type' in wanted ? wanted.type : undefined);
    },
  };
  const budgets = new BudgetBook(new MemoryBudgetStore());
  const preparer = new InputPreparer(catalog, new FakePolicy().ask, budgets, undefined, undefined, agents);
  const processor = new RunProcessor({ log, cache: new RunCache(log), preparer, budgets, armTimer: async () => undefined, clock: () => 1_000 });
  return { processor, asked, route: (...next: readonly Share[]) => { shares = next; } };
}

describe('the version that a run begins with', () => {
  it('is recorded with its budgets, and is the same when the task comes again, whatever has become of the route', async () => {
    const log = new TroubledLog();
    const { processor, asked, route } = orchestrator(log);
    route(share(second));
    expect(await processor.process(key, task)).toMatchObject({ status: 'committed' });
    for (const next of [[share(first)], [share(second, { isRevoked: true })], [share(second, { agent: undefined })], []]) {
      route(...next);
      expect(await processor.process(key, task)).toEqual({ status: 'duplicate' });
    }
    expect(await eventsOf(log)).toEqual([expect.objectContaining({ type: 'task-accepted', agent: { name: first.name, digest: second.digest }, budgets: second.budgets }), expect.objectContaining({ type: 'timer-set' })]);
    // Only the first time is there anything to choose.
    expect(asked).toEqual([{ type: task.event.type, keys: { requester: '/invoices', thread: undefined } }]);
  });

  it('is waited for while nobody has it or every version is revoked, and nothing is written meanwhile', async () => {
    const log = new TroubledLog();
    const { processor, route } = orchestrator(log);
    route(share(second, { agent: undefined }));
    expect(await processor.process(key, task)).toEqual({ status: 'unavailable', reason: expect.stringContaining('nobody has version bbbbbbbbbbbb') });
    route(share(first, { isRevoked: true }));
    expect(await processor.process(key, task)).toEqual({ status: 'unavailable', reason: expect.stringContaining('is revoked: publish another') });
    expect(await eventsOf(log)).toEqual([]);
    route(share(second));
    expect(await processor.process(key, task)).toMatchObject({ status: 'committed' });
  });

  it('of a run that another run starts is chosen likewise, and its budgets are narrowed to what the other has left', async () => {
    const log = new TroubledLog();
    const { processor, route } = orchestrator(log);
    route(share(second));
    await processor.process(key, { ...task, child: { parent: { runId: 'r0', callId: 'c1-1' }, labels: {}, budgets: { ...first.budgets, maxSteps: 2 } } });
    expect((await eventsOf(log))[0]).toMatchObject({ agent: { digest: second.digest }, budgets: { maxSteps: 2 }, parent: { runId: 'r0' } });
  });

  it('of a run that is begun anew is what new tasks of its agent get', async () => {
    const log = new TroubledLog();
    const { processor, asked } = orchestrator(log);
    const fork = { kind: 'fork' as const, id: 'fork:1', mode: 'fork' as const, origin: { runId: 'r0', number: 1 }, agent: first.name, by: 'ada', reason: 'again' };
    expect(await processor.process(key, fork)).toMatchObject({ status: 'refused', code: 'fork.origin-unknown' });
    expect(asked).toEqual([{ name: first.name }]);
  });
});

describe('the answer of a run', () => {
  const form = { type: 'object', properties: { paid: { type: 'boolean' } }, required: ['paid'] };
  const strict: AgentDeclaration = { ...second, outputSchema: form };
  const answering = (basis: number, answer: string) => { const fact = plan(basis, [], `plan:${basis}`); return { ...fact, proposal: { ...fact.proposal, text: answer, answer } }; };

  it('is judged by the schema of its own version, whatever other versions say, and the model is told what is wrong', async () => {
    const log = new TroubledLog();
    const { processor, route } = orchestrator(log, [{ ...first, outputSchema: { type: 'string' } }, strict]);
    route(share(strict));
    await processor.process(key, task);
    expect(await processor.process(key, answering(1, 'It is paid.'))).toMatchObject({ status: 'committed' });
    expect((await eventsOf(log)).at(-1)).toMatchObject({ type: 'notice-given', about: 'answer', used: 1, detail: 'it is not JSON' });
    expect(await processor.process(key, answering(2, '{"paid":true}'))).toMatchObject({ status: 'committed' });
    expect((await eventsOf(log)).at(-1)).toMatchObject({ type: 'run-ended', status: 'completed', answer: '{"paid":true}' });
  });

  it('waits while nobody has the version by which it is judged', async () => {
    const log = new TroubledLog();
    const known = [strict];
    const { processor, route } = orchestrator(log, known);
    route(share(strict));
    await processor.process(key, task);
    known.pop();
    expect(await processor.process(key, answering(1, '{"paid":true}'))).toMatchObject({ status: 'unavailable', reason: expect.stringContaining('nobody has the version') });
  });
});
