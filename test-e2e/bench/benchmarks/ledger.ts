import { EFFECTS_STREAM } from '@holdfast/contracts';
import { Ledger, ToolGuards, defineTool, executeCall, type EffectStore, type Tool } from '@holdfast/tool-sdk';
import { BusEffectStore } from '@holdfast/tool-adapters/logic';
import { z } from 'zod';
import { createBareStreams } from '../floor/bare-streams.ts';
import { measurePublishes } from '../floor/publishes.ts';
import { startBrokerOnly } from '../installation/broker-only.ts';
import { TENANT } from '../installation/installation.ts';
import { countStreams } from '../installation/stream-counts.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';
import { mean } from '../suite/statistics.ts';
import { mediansInTurn } from './parts/in-turn.ts';

const CALLS = 400;
const AT_ONCE = 64;
/** Slices of time in turn, so that a noisy moment falls on both. */
const SLICES = 4;
const SLICE_SECONDS = 0.5;
/** About a claim or an outcome with its subject and headers. */
const RECORD_BYTES = 700;

const common = {
  description: 'Answers at once, in this process.',
  input: z.strictObject({ operation: z.string(), amountCents: z.int() }),
  output: z.strictObject({ receipt: z.string() }),
  roles: { operation: 'target', amountCents: 'sink' },
  outputLabel: { trust: 'organisation', secrecy: 'internal' },
  timeoutMs: 2_000, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: AT_ONCE,
  execute: ({ operation }: { readonly operation: string }) => Promise.resolve({ receipt: `receipt of ${operation}` }),
} as const;
const read = defineTool({ ...common, name: 'look', effect: 'read' });
const keyed = defineTool({ ...common, name: 'pay', effect: 'keyed', identity: ['operation'] });

/**
 * What it costs a call that its operation is claimed before and recorded after it. The tool answers at once, so a read is
 * all that a call costs without the ledger, and the difference of a mutating call to it is the ledger's part.
 */
export const ledger: Benchmark = {
  name: 'ledger',
  about: 'what claim and outcome add to a call, over a bare durable publish; nothing for a read',
  limitSeconds: 60,
  async run(context) {
    const { scale } = context.options;
    const only = await startBrokerOnly(context, { partitions: 1, durability: 'power' });
    const store = new CountedStore(new BusEffectStore(await only.bus('tools')));
    const means = { ledger: new Ledger({ store, owner: 'benchmark' }), guards: new ToolGuards() };
    const call = async (tool: Tool, operation: string, runId = 'first'): Promise<void> => {
      const outcome = await executeCall({ tool, args: { operation, amountCents: 100 }, tenant: TENANT, runId, callId: 'c1-1' }, means);
      if (outcome.status !== 'succeeded') throw new Error(`a call ended ${JSON.stringify(outcome)}`);
    };
    const bare = await createBareStreams(only.core, 1);
    const payload = new Uint8Array(RECORD_BYTES).fill(97);

    context.progress('calls one by one');
    const calls = Math.ceil(CALLS * scale);
    const alone = await mediansInTurn(calls, {
      read: (round) => call(read, `alone-${round}`),
      mutating: (round) => call(keyed, `alone-${round}`),
      replayed: (round) => call(keyed, `alone-${round}`, 'another'),
      publish: (round) => only.core.request(bare.subject(0, `alone-${round}`), payload),
    });

    context.progress('what is asked of the broker');
    const asked = async (work: (round: number) => Promise<void>): Promise<{ readonly requests: number; readonly writes: number }> => {
      const written = async (): Promise<number> => (await countStreams(only.core)).find(({ name }) => name === EFFECTS_STREAM)?.stored ?? Number.NaN;
      const before = { requests: store.requests, writes: await written() };
      for (let round = 0; round < calls; round += 1) await work(round);
      return { requests: (store.requests - before.requests) / calls, writes: ((await written()) - before.writes) / calls };
    };
    const ofRead = await asked((round) => call(read, `counted-${round}`));
    const ofMutation = await asked((round) => call(keyed, `counted-${round}`));

    context.progress(`${AT_ONCE} calls at once`);
    const seconds = SLICE_SECONDS * Math.max(0.2, scale);
    let made = 0;
    const callsASecond = async (): Promise<number> => {
      const [started, before] = [performance.now(), made];
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (performance.now() - started < seconds * 1_000) await call(keyed, `at-once-${(made += 1)}`);
      }));
      return (made - before) / ((performance.now() - started) / 1_000);
    };
    const [rates, floors]: [number[], number[]] = [[], []];
    for (let slice = 0; slice < SLICES; slice += 1) {
      floors.push((await measurePublishes(only.core, bare, RECORD_BYTES, AT_ONCE, seconds)) / 2);
      rates.push(await callsASecond());
    }
    await bare.remove();

    const floor = { floor: alone.publish, floorTitle: 'one bare durable publish' };
    return [
      { id: 'overhead_mutating_ms', title: 'the ledger\'s part of a mutating call: claim and outcome', value: alone.mutating - alone.read, unit: 'ms', ...floor },
      { id: 'replayed_ms', title: 'the same operation asked for by another run', value: alone.replayed, unit: 'ms', ...floor },
      { id: 'read_ms', title: 'a read, which has nothing in the ledger', value: alone.read, unit: 'ms', ...floor },
      { id: 'writes_per_mutating_call', title: 'durable writes of a mutating call', value: ofMutation.writes, unit: '', target: { of: 'value', atMost: 2 } },
      { id: 'requests_per_mutating_call', title: 'questions to the ledger of a mutating call', value: ofMutation.requests, unit: '', target: { of: 'value', atMost: 2 } },
      { id: 'writes_per_read', title: 'durable writes of a read', value: ofRead.writes, unit: '', target: { of: 'value', atMost: 0 } },
      { id: 'requests_per_read', title: 'questions to the ledger of a read', value: ofRead.requests, unit: '', target: { of: 'value', atMost: 0 } },
      { id: 'mutating_calls_per_second', title: `mutating calls a second, ${AT_ONCE} at once`, value: mean(rates), unit: '/s', floor: mean(floors), floorTitle: 'pairs of bare durable publishes' },
    ] satisfies readonly Figure[];
  },
};

/** Counts what is asked of a store. */
class CountedStore implements EffectStore {
  requests = 0;
  private readonly inner: EffectStore;

  constructor(inner: EffectStore) {
    this.inner = inner;
  }

  last(...asked: Parameters<EffectStore['last']>): ReturnType<EffectStore['last']> {
    this.requests += 1;
    return this.inner.last(...asked);
  }

  append(...asked: Parameters<EffectStore['append']>): ReturnType<EffectStore['append']> {
    this.requests += 1;
    return this.inner.append(...asked);
  }
}
