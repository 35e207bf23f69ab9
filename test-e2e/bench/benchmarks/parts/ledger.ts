import { createHash } from 'node:crypto';
import { Ledger, type Operation } from '@holdfast/tool-sdk';
import { BusEffectStore } from '@holdfast/tool-adapters/logic';
import { createBareStreams } from '../../floor/bare-streams.ts';
import { TENANT, type Installation } from '../../installation/installation.ts';
import { roleBus } from '../../installation/role-bus.ts';
import type { BenchmarkContext } from '../../suite/benchmark.ts';
import type { Figure } from '../../suite/figure.ts';
import { inTurn } from './in-turn.ts';

const COUNT = 300;

/** A claim and an outcome in the ledger, over two bare durable publishes. */
export async function measureLedger(context: BenchmarkContext, installation: Installation): Promise<readonly Figure[]> {
  context.progress('claim and outcome');
  const ledger = new Ledger({ store: new BusEffectStore(await roleBus(context, installation, 'tools')), owner: 'benchmark' });
  const bare = await createBareStreams(installation.core, 1);
  const payload = new Uint8Array(500).fill(97);
  const once = async (round: number): Promise<void> => {
    const answer = await ledger.claim(operation(round), { waitUntil: Date.now() + 5_000 });
    if (answer.status !== 'granted') throw new Error('a new operation was settled already');
    await ledger.record(answer.claim, { status: 'succeeded', result: { times: 1 }, replayed: false, attempts: [] });
    ledger.release(answer.claim);
  };
  const publishTwice = async (round: number): Promise<void> => {
    for (const kind of ['claim', 'outcome']) await installation.core.request(bare.subject(0, `${kind}.${round}`), payload);
  };
  const { value, floor } = await inTurn(Math.ceil(COUNT * context.options.scale), once, publishTwice);
  await bare.remove();
  return [{ id: 'ledger_ms', title: 'claim and outcome in the ledger', value, unit: 'ms', floor, floorTitle: 'two bare durable publishes' }];
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function operation(round: number): Operation {
  const name = `operation-${round}`;
  return { tenant: TENANT, tool: 'count', operationKey: digestOf(name), identity: { operation: name }, argumentsDigest: digestOf(`arguments of ${name}`), runId: 'ledger', callId: `c${round}`, attemptMs: 2_000 };
}
