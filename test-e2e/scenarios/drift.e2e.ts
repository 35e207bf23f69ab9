import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY, type Stack } from '@holdfast/deploy';
import type { GatewayClient, RunDetail, TaskPublisher } from '@holdfast/example-accounts-payable';
import { NARROWED, Shop } from './drift/shop.ts';
import { endOf, runOf, startScenario, until, type Scenario } from './installation.fixture.js';

let scenario: Scenario;
let stack: Stack;
let publisher: TaskPublisher;
let gateway: GatewayClient;
const shop = new Shop();

beforeAll(async () => {
  scenario = await startScenario('drift', 2, async () => ({ SHOP_URL: await shop.open(), HOLDFAST_CONTRACTS_SECONDS: '1' }));
  ({ stack, publisher, gateway } = scenario);
});
afterAll(async () => {
  await scenario?.stop();
  await shop.close();
});

const start = (id: string, ...orders: readonly (readonly [reference: string, quantity: number])[]): Promise<unknown> =>
  publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.buying', data: { goal: 'Follow the script.', script: orders.map(([reference, quantity]) => ['shop_order', { reference, quantity }]) } } as never);

/** The command line, as an operator uses it. */
async function holdfast(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(REPOSITORY, 'apps/cli/dist/main.js'), ...args], { env: { HOLDFAST_GATEWAY_URL: stack.gatewayUrl, HOLDFAST_API_KEY: stack.apiKeys.admin } });
  return stdout;
}

const parked = (id: string): Promise<RunDetail> => until(`${id} to be parked`, async () => {
  const run = await runOf(gateway, id);
  return run?.standing === 'parked' ? run : undefined;
});

const candidate = async (): Promise<string> => (JSON.parse(await holdfast('tools', 'show', 'shop_order', '--json')) as { candidate: { digest: string } }).candidate.digest;
const status = (wanted: string): Promise<true> => until(`shop_order to be ${wanted}`, async () => ((await holdfast('tools')).includes(wanted) ? true : undefined));

describe('a tool whose server changes', () => {
  it('parks the runs that need it, shows the difference, and goes on under the contract that an admin accepted, whoever dies meanwhile', async () => {
    let answer = (): void => undefined;
    shop.held = new Promise((resolve) => { answer = resolve; });
    await start('fits', ['fits-1', 1], ['fits-2', 100]);
    await start('does not fit', ['misfit-1', 1], ['misfit-2', 5_000], ['misfit-3', 50]);
    await until('both to have ordered', async () => (shop.asked.length === 2 ? true : undefined));
    shop.document = NARROWED;
    await status('quarantined');
    shop.held = undefined;
    answer();

    const [fits] = await Promise.all([parked('fits'), parked('does not fit')]);
    expect(fits.waitsFor).toEqual([expect.objectContaining({ for: 'contract', tool: 'shop_order', reason: expect.stringContaining('100') })]);
    // What was under way when the change was seen is told: those effects happened, under the contract that they were decided on.
    expect([...shop.orders].sort()).toEqual(['fits-1', 'misfit-1']);

    await Promise.all([stack.kill('tool-adapters'), stack.kill('gateway')]);
    await Promise.all([stack.start('tool-adapters'), stack.start('gateway')]);
    const shown = await until('the gateway to know who waits', async () => {
      const text = await holdfast('tools', 'show', 'shop_order');
      return text.includes('Calls that wait for it') ? text : undefined;
    });
    expect(shown).toMatch(/shop_order is quarantined[^]*BREAKING +narrowed input\.quantity[^]*100/);
    expect(await holdfast('tools', 'accept', 'shop_order', await candidate(), '--comment', 'the shop told us')).toMatch(/healthy/);
    await stack.kill('gateway');
    await stack.start('gateway');

    const [done, refused] = [await endOf(gateway, 'fits'), await endOf(gateway, 'does not fit')];
    expect([done.status, refused.status]).toEqual(['completed', 'completed']);
    expect(done.stepsTaken.flatMap(({ calls }) => calls).map(({ status: end }) => end)).toEqual(['succeeded', 'succeeded']);
    // The arguments were proposed under the old contract, so the model is told what the new one wants, and can do better.
    expect(refused.stepsTaken.flatMap(({ calls }) => calls)).toEqual([
      expect.objectContaining({ status: 'succeeded' }), expect.objectContaining({ status: 'refused', reasons: [expect.stringMatching(/"quantity" must be <= 100/)] }), expect.objectContaining({ status: 'succeeded' }),
    ]);
    expect([...shop.orders].sort()).toEqual(['fits-1', 'fits-2', 'misfit-1', 'misfit-3']);
  });

  it('is quarantined for results that violate its contract, which are failures that the model is told, and goes on once they are mended', async () => {
    shop.answer = (reference) => ({ orderNumber: reference });
    await start('wrong', ['wrong-1', 1], ['wrong-2', 1], ['wrong-3', 1]);
    await parked('wrong');
    expect(await holdfast('tools', 'show', 'shop_order')).toMatch(/Its results violate its contract: [^]*"order" is missing/);
    shop.answer = (reference) => ({ order: `order-${reference}` });
    await holdfast('tools', 'accept', 'shop_order', await candidate(), '--comment', 'mended');

    const run = await endOf(gateway, 'wrong');
    expect(run.stepsTaken.flatMap(({ calls }) => calls).map(({ status: end, failure }) => [end, failure])).toEqual([
      ['failed', expect.stringContaining('acted, but its result does not follow its contract')], ['failed', expect.stringContaining('acted, but')], ['succeeded', undefined],
    ]);
    expect(shop.orders.filter((reference) => reference.startsWith('wrong'))).toEqual(['wrong-1', 'wrong-2', 'wrong-3']);
  });
});

describe('policies that are tried on what happened', () => {
  const backtest = async (policies: string): Promise<{ readonly code: number; readonly report: { readonly runs: number; readonly decisions: number; readonly changed: readonly { readonly was: string; readonly becomes: string; readonly tool: string }[] } }> => {
    const environment = { NATS_URL: stack.brokerUrl, HOLDFAST_NATS_SEED: stack.identities?.evals.seed, HOLDFAST_PARTITIONS: '2' };
    const given = [join(REPOSITORY, 'apps/cli/dist/main.js'), 'policy', 'backtest', '--policies', policies, '--catalog', join(scenario.directory.path, 'catalog.json'), '--json'];
    const { stdout, code } = await promisify(execFile)(process.execPath, given, { env: environment }).then((done) => ({ ...done, code: 0 }), (error: unknown) => error as { readonly stdout: string; readonly code: number });
    return { code, report: JSON.parse(stdout) };
  };

  it('change no decision when they are the same, and are shown with each that they would change', async () => {
    const other = await scenario.directory.folder('other-policies');
    await writeFile(join(other, 'none.cedar'), '@id("nothing")\nforbid (principal, action, resource);');
    // The contract that was accepted is not the catalogue's, and the call that it refused would be allowed under that.
    const same = await backtest(join(REPOSITORY, 'test-e2e/scenarios/drift/policies'));
    expect(same.report.decisions).toBeGreaterThanOrEqual(8);
    expect(same.report.changed.map(({ was, becomes }) => [was, becomes])).toEqual([['deny', 'allow']]);
    const { code, report } = await backtest(other);
    expect({ code, changed: report.changed.every(({ was, becomes }) => was === 'allow' && becomes === 'deny') }).toEqual({ code: 1, changed: true });
    expect(report.changed.length).toBe(report.decisions - 1);
  });

  it('explain what they said of a call, and where its values came from', async () => {
    const run = await runOf(gateway, 'fits');
    const call = run?.stepsTaken[0]?.calls[0]?.callId ?? '';
    expect(await holdfast('policy', 'explain', run?.runId ?? '', call)).toMatch(/shop_order: allow[^]*reference +target +user +stated +task\.input\.script/);
  });
});
