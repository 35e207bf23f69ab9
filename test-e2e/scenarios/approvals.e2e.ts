import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endOf, runOf, until, type Scenario } from './installation.fixture.js';
import { startSeats, type Seats } from './waiting/seats.fixture.js';

/** People who change a call, vouch for values and agree in twos, through the gateway, while services are killed in between. */
let installed: Seats;
let scenario: Scenario;
let policies: string;
let seats: string;

beforeAll(async () => {
  // Every seat is asked about, by two people; one that nobody stated or vouched for, by what it is.
  installed = await startSeats({ 'approvals.json': { risk: { twoPersons: 15 } } });
  ({ scenario, policies, seats } = installed);
});
afterAll(() => installed?.stop());

const question = (id: string, approvalId: string): Promise<{ readonly runId: string; readonly arguments: unknown; readonly counted?: unknown }> => until(`${approvalId} of ${id}`, async () => {
  const run = await runOf(scenario.gateway, id);
  const asked = run?.approvals.find((approval) => approval.approvalId === approvalId && approval.answer === undefined);
  return run === undefined || asked === undefined ? undefined : { ...(asked as unknown as { readonly arguments: unknown; readonly counted?: unknown }), runId: run.runId };
});
async function answer(runId: string, approvalId: string, as: 'approver' | 'admin', body: object): Promise<number> {
  const response = await fetch(new URL(`/v1/runs/${runId}/approvals/${approvalId}`, scenario.stack.gatewayUrl), { method: 'POST', headers: { authorization: `Bearer ${scenario.stack.apiKeys[as]}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return response.status;
}
const killed = async (...names: readonly ('policy' | 'orchestrator' | 'gateway')[]): Promise<void> => {
  for (const name of names) await scenario.stack.kill(name);
  for (const name of names) await scenario.stack.start(name);
};

describe('a call that waits for people', () => {
  it('is made as one of them changed it, once both have agreed, whoever is killed in between', async () => {
    await installed.begin('two people', [['reserve', { seat: 'e1' }]]);
    const first = await question('two people', 'a-c1-1');
    expect(first.arguments).toEqual({ seat: 'e1' });
    expect(await answer(first.runId, 'a-c1-1', 'approver', { answer: 'edited', arguments: { seat: 'e2' }, comment: 'by the window' })).toBe(202);
    await killed('orchestrator', 'policy');

    const second = await question('two people', 'a2-c1-1');
    expect(second.arguments).toEqual({ seat: 'e2' });
    expect(await answer(second.runId, 'a2-c1-1', 'approver', { answer: 'approved' })).toBe(202);
    await until('the first of two to count', async () => ((await question('two people', 'a2-c1-1')).counted === undefined ? undefined : true));
    await killed('orchestrator', 'gateway');
    expect(await until('the gateway to know the first', async () => { const status = await answer(second.runId, 'a2-c1-1', 'approver', { answer: 'approved' }); return status === 409 ? status : undefined; })).toBe(409);
    expect((await readFile(seats, 'utf8').catch(() => ''))).toBe('');
    expect(await answer(second.runId, 'a2-c1-1', 'admin', { answer: 'approved' })).toBe(202);
    expect((await endOf(scenario.gateway, 'two people')).status).toBe('completed');
    expect((await readFile(seats, 'utf8')).trim().split('\n')).toEqual(['reserve e2']);
  });

  it('is put again when the rules change before the answer takes effect', async () => {
    await installed.begin('other rules', [['reserve', { seat: 'f1' }]]);
    const { runId } = await question('other rules', 'a-c1-1');
    expect(await answer(runId, 'a-c1-1', 'approver', { answer: 'approved' })).toBe(202);
    await writeFile(join(policies, 'approvals.json'), JSON.stringify({ risk: { approve: 15 } }));
    await until('policy to take the rules', async () => ((await readFile(join(scenario.directory.path, 'logs', 'policy.log'), 'utf8')).includes('the policies were loaded again') ? true : undefined));
    expect(await answer(runId, 'a-c1-1', 'admin', { answer: 'approved' })).toBe(202);
    await question('other rules', 'a2-c1-1');
    const run = await runOf(scenario.gateway, 'other rules');
    expect(run?.approvals.find(({ approvalId }) => approvalId === 'a2-c1-1')?.reasons.join(' ')).toContain('Policies or contracts have changed since.');
    expect(await answer(runId, 'a2-c1-1', 'approver', { answer: 'approved' })).toBe(202);
    expect((await endOf(scenario.gateway, 'other rules')).status).toBe('completed');
    expect((await readFile(seats, 'utf8')).trim().split('\n')).toEqual(['reserve e2', 'reserve f1']);
  });
});
