import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { choose } from '@holdfast/agent-registry';
import { readAgents } from '@holdfast/agent-sdk';
import type { AgentDeclaration } from '@holdfast/contracts';
import { REPOSITORY, writeCatalog } from '@holdfast/deploy';
import { runIdOf } from '@holdfast/gateway/logic';
import { TENANT, endOf, runOf, startScenario, until, type Scenario } from './installation.fixture.js';

/** Two versions of an agent on real processes: the module's, and the one of a file that is deployed in its place. */
const folder = join(REPOSITORY, 'test-e2e', 'scenarios', 'agents');
const TASKS = 200;
let scenario: Scenario;
let first: AgentDeclaration;
const [second] = readAgents(join(folder, 'second.yaml')) as readonly [AgentDeclaration];

beforeAll(async () => {
  const waiting = join(REPOSITORY, 'test-e2e', 'scenarios', 'waiting', 'policies');
  scenario = await startScenario('agents', 2, async (directory) => ({ SEATS_FILE: join(directory.path, 'seats') }), waiting);
  const [{ digest } = { digest: '' }] = (await agents()).versions;
  first = (await ask(`/v1/agents/lead/versions/${digest}`) as { readonly declaration: AgentDeclaration }).declaration;
});
afterAll(() => scenario?.stop());

interface Listed {
  readonly deployed: string;
  readonly versions: readonly { readonly digest: string; readonly percent: number; readonly running: number; readonly revoked?: object }[];
}

const ask = async (path: string, body?: object): Promise<unknown> => {
  const { gatewayUrl, apiKeys: { admin } } = scenario.stack;
  const answer = await fetch(`${gatewayUrl}${path}`, { headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};
const agents = (): Promise<Listed> => until('the list of agents', () => ask('/v1/agents/lead') as Promise<Listed>);
const begin = (id: string, ...script: readonly (readonly [string, object])[]): Promise<unknown> => scenario.publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.lead', data: { goal: 'Follow the script.', script } } as never);
const go: readonly [string, object] = ['holdfast_wait_signal', { name: 'go' }];

/** The command line, as an admin uses it. */
async function holdfast(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(REPOSITORY, 'apps/cli/dist/main.js'), ...args], { env: { HOLDFAST_GATEWAY_URL: scenario.stack.gatewayUrl, HOLDFAST_API_KEY: scenario.stack.apiKeys.admin } });
  return stdout;
}

/** The run's id, once it waits for the signal. */
const waiting = (id: string): Promise<string> => until(`${id} to wait`, async () => {
  const run = await runOf(scenario.gateway, id);
  return run?.waitsFor.some((wait) => wait.for === 'signal') === true ? run.runId : undefined;
});

/** What became of a run: its answer, which tells its version, and of each call. */
async function outcomeOf(id: string): Promise<{ readonly answer: string | undefined; readonly calls: readonly string[]; readonly reasons: string }> {
  const run = await endOf(scenario.gateway, id);
  const calls = run.stepsTaken.flatMap((step) => step.calls);
  return { answer: run.answer, calls: calls.map(({ tool, status }) => `${tool} ${status}`), reasons: calls.flatMap(({ reasons = [] }) => reasons).join(' ') };
}

/** The version that a run gets by these weights of the two. */
function versionOf(runId: string, ...[one, two]: readonly [number, number]): string | undefined {
  const share = (agent: AgentDeclaration, weight: number) => ({ version: agent, weight, agent, isRevoked: false });
  const choice = choose([[share(first, one), share(second, two)]], { tenant: TENANT, runId });
  return choice.status === 'chosen' ? choice.agent.digest : undefined;
}

async function deploySecond(): Promise<void> {
  await writeCatalog(join(scenario.directory.path, 'catalog.json'), join(folder, 'second.yaml'), join(folder, 'application.ts'));
  const services = ['orchestrator', 'planner', 'policy', 'gateway'] as const;
  await Promise.all(services.map((name) => scenario.stack.kill(name)));
  await Promise.all(services.map((name) => scenario.stack.start(name)));
}

describe('versions of an agent', () => {
  it('a run ends with the version that it began with, after another was deployed and every service started anew', async () => {
    await begin('old', ['reserve', { seat: 'a1' }], go, ['release', { seat: 'a1' }]);
    const run = await waiting('old');
    await deploySecond();
    await begin('new', ['reserve', { seat: 'b1' }], ['release', { seat: 'b1' }]);

    const newer = await outcomeOf('new');
    expect(newer).toMatchObject({ answer: second.instructions, calls: ['reserve succeeded', 'release refused'] });
    expect(newer.reasons).toContain('was not declared to use the tool "release"');
    expect(await agents()).toMatchObject({ deployed: second.digest, versions: [{ digest: first.digest, percent: 0, running: 1 }, { digest: second.digest, percent: 100 }] });
    await ask(`/v1/runs/${run}/signals/go`, {});
    expect(await outcomeOf('old')).toMatchObject({ answer: 'Version one: follow the script.', calls: ['reserve succeeded', 'holdfast_wait_signal succeeded', 'release succeeded'] });
  });

  it('share new tasks by their weights, each task always with the same version, also when it comes again', async () => {
    const ids = Array.from({ length: TASKS }, (_, at) => `share-${at}`);
    expect(await holdfast('agents', 'route', 'lead', `${first.digest.slice(0, 12)}=90`, `${second.digest.slice(0, 12)}=10`, '--comment', 'a tenth')).toMatch(/100% +10%/);
    for (const id of ids) await begin(id);
    const versions = await until('all tasks to be done', async () => {
      const runs = (await ask(`/v1/runs?limit=${TASKS}&status=completed`) as { runs: readonly { readonly taskId: string; readonly runId: string; readonly answer?: string }[] }).runs.filter(({ taskId }) => taskId.startsWith('share-'));
      return runs.length === TASKS ? runs : undefined;
    });

    const seconds = versions.filter(({ answer }) => answer === second.instructions);
    // Four standard deviations about a tenth; which tasks they are follows from their ids alone.
    expect(seconds.length).toBeGreaterThanOrEqual(TASKS / 10 - 17);
    expect(seconds.length).toBeLessThanOrEqual(TASKS / 10 + 17);
    const expected = versions.filter(({ runId }) => versionOf(runId, 90, 10) === second.digest);
    expect(seconds.map(({ taskId }) => taskId).sort()).toEqual(expected.map(({ taskId }) => taskId).sort());

    await holdfast('agents', 'route', 'lead', second.digest);
    for (const id of ids.slice(0, 20)) await begin(id);
    await begin('after');
    expect((await outcomeOf('after')).answer).toBe(second.instructions);
    const again = await Promise.all(versions.filter(({ taskId }) => ids.slice(0, 20).includes(taskId)).map(async ({ runId, answer }) => [answer, (await scenario.gateway.run(runId)).answer]));
    expect(again).toHaveLength(20);
    for (const [before, now] of again) expect(now).toBe(before);
  });

  it('that are revoked may call nothing more, and get no new tasks', async () => {
    await holdfast('agents', 'route', 'lead', `${first.digest}=1`, `${second.digest}=1`);
    const id = Array.from({ length: 100 }, (_, at) => `revoked-${at}`).find((name) => versionOf(runIdOf(TENANT, '/scenario', name), 1, 1) === first.digest) ?? '';
    await begin(id, ['reserve', { seat: 'c1' }], go, ['release', { seat: 'c1' }]);
    const run = await waiting(id);
    expect(await holdfast('agents', 'revoke', 'lead', first.digest, '--reason', 'it releases too much')).toContain('may call nothing more');
    await ask(`/v1/runs/${run}/signals/go`, {});

    const revoked = await outcomeOf(id);
    expect(revoked.calls).toEqual(['reserve succeeded', 'holdfast_wait_signal succeeded', 'release refused']);
    expect(revoked.reasons).toContain(`Version ${first.digest.slice(0, 12)} of the agent "lead" was revoked by admin: it releases too much`);
    for (const name of ['later-1', 'later-2', 'later-3', 'later-4']) {
      await begin(name);
      expect((await outcomeOf(name)).answer).toBe(second.instructions);
    }
    expect(await holdfast('agents')).toMatch(/REVOKED by admin: it releases too much/);
  });
});
