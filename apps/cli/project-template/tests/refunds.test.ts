import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readAgents } from '@holdfast/agent-sdk';
import { catalog } from '@holdfast/contracts';
import { loadBundle, policyCases, readPolicies, runPolicyCases } from '@holdfast/policy-engine';
import { InMemoryEffectStore, Ledger, ToolGuards, executeCall } from '@holdfast/tool-sdk';
import { contracts, shopTools } from '../tools.ts';

const project = join(import.meta.dirname, '..');
let shop: string;
before(async () => {
  shop = await mkdtemp(join(tmpdir(), 'shop-'));
  await cp(join(project, 'shop', 'orders.json'), join(shop, 'orders.json'));
});
after(() => rm(shop, { recursive: true }));

test('two runs that ask for one refund make one', async () => {
  const store = new InMemoryEffectStore();
  const refund = (runId: string) => {
    const tool = shopTools(shop).find(({ name }) => name === 'refund_order');
    assert.ok(tool);
    return executeCall({ tool, args: { orderId: 'ORD-1001', amountCents: 4200 }, tenant: 'local', runId, callId: 'c1-1' }, { ledger: new Ledger({ store, owner: runId }), guards: new ToolGuards(), random: () => 0 });
  };
  const [first, second] = [await refund('run-1'), await refund('run-2')];
  assert.equal(first.status, 'succeeded');
  assert.deepEqual({ status: second.status, replayed: second.status === 'succeeded' && second.replayed }, { status: 'succeeded', replayed: true });
  assert.deepEqual(await readdir(join(shop, 'refunds')), ['ORD-1001.json']);
});

test('policies decide as the table says', async () => {
  const bundle = loadBundle({ policies: await readPolicies(join(project, 'policies')), catalog: catalog.parse({ agents: readAgents(join(project, 'agents.yaml')), tools: contracts }), environment: 'test' });
  const task = { type: 'com.example.refund.requested', goal: 'Refund order ORD-1002.' };
  const seen = (totalCents: number) => [{ tool: 'find_order', arguments: { orderId: 'ORD-1002' }, result: { orderId: 'ORD-1002', customer: 'Otto', totalCents, currency: 'EUR' } }];
  const refundOf = (amountCents: number) => ({ tool: 'refund_order', arguments: { orderId: 'ORD-1002', amountCents } });
  const results = runPolicyCases(bundle, policyCases.parse({ cases: [
    { name: 'a small refund is made', agent: 'refunds', task, observed: seen(4_200), call: refundOf(4_200), expect: 'allow' },
    { name: 'a large one needs a person', agent: 'refunds', task, observed: seen(25_000), call: refundOf(25_000), expect: 'ask' },
    { name: 'and is made when one agrees', agent: 'refunds', task, observed: seen(25_000), call: refundOf(25_000), approvedBy: 'ada', expect: 'allow' },
    { name: 'an amount that nobody stated is asked about', agent: 'refunds', task, observed: seen(4_200), call: refundOf(4_100), expect: 'ask' },
  ] }));
  assert.deepEqual(results.flatMap(({ name, wrong }) => wrong.map((fault) => `${name}: ${fault}`)), []);
});
