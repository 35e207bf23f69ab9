import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Bus } from '@holdfast/bus';
import { deadLetter, subjects, toolFact, type Commit, type DeadLetter, type FactAnswer, type FactOf, type PermitClaims, type RunEventOf } from '@holdfast/contracts';
import { decodeCommit } from '@holdfast/event-log';
import { startMetrics } from '@holdfast/observability';
import { PERMIT_ALGORITHM, argumentsDigest, signPermit } from '@holdfast/policy-engine';
import { scrape, startTestBroker } from '@holdfast/testing';
import { Ledger, ToolGuards, defineTool, silentLog, type Tool } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { CallExecutor } from '../executor/call-executor.js';
import { BusEffectStore } from '../ledger/bus-effect-store.js';
import { startToolWorker } from '../worker.js';
import { PermitCheck } from './permit-check.js';
import { alertRefused, type RefusedPermit } from './refused-permits.js';

export interface Key {
  readonly id: string;
  readonly private: KeyObject;
  readonly public: JsonWebKey;
}

export function newKey(id: string): Key {
  const pair = generateKeyPairSync('ed25519');
  return { id, private: pair.privateKey, public: { ...pair.publicKey.export({ format: 'jwk' }), kid: id, alg: PERMIT_ALGORITHM, use: 'sig' } as JsonWebKey };
}
export const setOf = (...keys: readonly Key[]): string => JSON.stringify({ keys: keys.map((key) => key.public) });

/** What differs from a call that the log dispatches with a good permit. */
export interface Dispatch {
  readonly claims?: Partial<PermitClaims>;
  readonly by?: Key;
  readonly permit?: string;
  readonly event?: Partial<RunEventOf<'tool-called'>>;
  readonly tool?: 'pay' | 'look';
  readonly run?: string;
  readonly number?: number;
}

export interface Dispatched {
  readonly outcome: Promise<unknown>;
  readonly permit: string;
  readonly run: string;
}

/** Real workers on the real broker's accounts. The test is the orchestrator, whose word the log is, and holds policy's keys. */
export async function startPermitBench(first: Key) {
  const broker = await startTestBroker({ partitions: 1 });
  const connect = (role: 'tools' | 'orchestrator' | 'gateway'): Promise<Bus> => Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `permits-${role}` });
  const [orchestrator, gateway] = await Promise.all([connect('orchestrator'), connect('gateway')]);
  const metrics = await startMetrics({ service: 'tool-adapters', version: '0', scrape: { host: '127.0.0.1', port: 0 } });
  const workers: Bus[] = [];
  const waiting = new Map<string, (fact: FactOf<'tool'>) => void>();
  let runs = 0;

  const bench = {
    /** What the adapters' file of public keys says. */
    keys: setOf(first),
    /** How far the adapters' clock is ahead of policy's, in milliseconds. */
    skewMs: 0,
    /** What the orchestrator answers to a report; whatever it is, the test is told the report. */
    answer: (_fact: FactOf<'tool'>): FactAnswer => ({ status: 'committed', number: 9 }),
    /** Each use of a tool, as the tool's name and the run. */
    effects: [] as string[],
    refused: [] as RefusedPermit[],
    pay: act('pay', 'keyed'),
    look: act('look', 'read'),
    startWorker,
    dispatch,
    reportOf,
    letterOf: async (run: string, dispatch: number, callId: string): Promise<DeadLetter | undefined> => {
      const letter = await gateway.lastBySubject('DEAD', subjects.dead('acme', 'permits', `${run}-${dispatch}-${callId}`));
      return letter === undefined ? undefined : deadLetter.parse(JSON.parse(new TextDecoder().decode(letter.data)));
    },
    /** How often Prometheus was told of a refusal for this reason. */
    alerts: async (code: string, tool = 'pay'): Promise<number> => (await scrape(metrics.scrapeUrl ?? '')).find(({ name, labels }) => name === 'holdfast_permits_refused_total' && labels['reason'] === code && labels['tool'] === tool)?.value ?? 0,
    stop: async (): Promise<void> => {
      for (const bus of [...workers, orchestrator, gateway]) await bus.close();
      await metrics.shutdown();
      await broker.stop();
    },
  };

  function act(name: string, effect: 'keyed' | 'read'): Tool {
    return defineTool({
      name, description: name, effect, input: z.strictObject({ invoice: z.string() }), output: z.strictObject({ done: z.boolean() }), ...(effect === 'read' ? {} : { identity: ['invoice'] as const }), roles: { invoice: 'target' },
      outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 5_000, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 4,
      execute: ({ invoice }: { invoice: string }) => { bench.effects.push(`${name} ${invoice}`); return Promise.resolve({ done: true }); },
    } as Parameters<typeof defineTool>[0]);
  }

  /** A worker with all that a process has of its own: connection, permits that it remembers, owner in the ledger. It ends with its bus. */
  async function startWorker(): Promise<Bus> {
    const bus = await connect('tools');
    workers.push(bus);
    const clock = (): number => Date.now() + bench.skewMs;
    const check = await PermitCheck.open({ readKeys: () => bench.keys, clock, logger: silentLog });
    const alert = alertRefused({ bus, logger: silentLog, metrics, clock });
    const executor = new CallExecutor({
      adapter: 'default', tools: [bench.pay, bench.look], verifyPermit: (token, expected) => check.verify(token, expected), onRefusedPermit: async (one) => { bench.refused.push(one); await alert(one); },
      means: { ledger: new Ledger({ store: new BusEffectStore(bus), owner: `permits-${workers.length}` }), guards: new ToolGuards() },
    });
    startToolWorker({ bus, log: { partitions: 1, decode: async (message) => ({ commit: decodeCommit(message.data, 'test'), sequence: message.sequence }) }, adapter: 'default', executor, logger: silentLog });
    return bus;
  }

  /** A call that the log dispatches, with a permit of these claims by this key; the outcome that a worker reports first. */
  function dispatch(change: Dispatch = {}): Dispatched {
    const { by = first, run = `run-${runs += 1}`, number = 4 } = change;
    const tool = bench[change.tool ?? 'pay'];
    const callId = `c${number}-${run.slice(4)}`;
    const args = { invoice: run };
    const seconds = Math.floor(Date.now() / 1_000);
    const claims: PermitClaims = { iss: 'holdfast-policy', jti: callId, tenant: 'acme', run, tool: tool.name, contractDigest: tool.contract.digest, argumentsDigest: argumentsDigest(args), policyDigest: 'b'.repeat(64), after: 3, iat: seconds, exp: seconds + 900, ...change.claims };
    const permit = change.permit ?? signPermit(claims, by.id, by.private);
    const called: RunEventOf<'tool-called'> = { type: 'tool-called', callId, tool: tool.name, adapter: 'default', effect: tool.effect, arguments: args, contractDigest: tool.contract.digest, policyDigest: 'b'.repeat(64), permit, ...change.event };
    const commit: Commit = { format: 1, tenant: 'acme', runId: run, number, previousHash: '0'.repeat(64), at: 1, cause: { kind: 'plan', id: 'p' }, route: 'call.default', events: [called], pointers: [], hash: `${runs}`.padStart(64, '0') };
    const outcome = reportOf(called.callId, number);
    void orchestrator.publish(subjects.commit(0, { tenant: 'acme', runId: run } as never, 'call.default'), JSON.stringify(commit));
    return { outcome, permit, run };
  }

  /** The next outcome that is reported of this dispatch: its status, or its failure. */
  function reportOf(callId: string, number: number): Promise<unknown> {
    return new Promise((resolve) => waiting.set(`${callId}:${number}`, ({ outcome }) => resolve(outcome.status === 'failed' ? outcome.failure : outcome.status)));
  }

  orchestrator.serve(subjects.fact(0, { tenant: '*', runId: '*' } as never, 'tool'), toolFact, async (fact) => {
    const answer = bench.answer(fact);
    waiting.get(`${fact.callId}:${fact.dispatch}`)?.(fact);
    return answer;
  });
  return bench;
}
