import type { z } from 'zod';
import { declaredAgents } from '@holdfast/agent-registry';
import type { Bus, PublishAnswer, WorkMessage, WorkResult, WorkerOptions } from '@holdfast/bus';
import { ANSWERS_STREAM, subjects, type Fact, type FactAnswer, type FactOf, type RecordedCommit, type TokenEvent } from '@holdfast/contracts';
import { createLogger } from '@holdfast/observability';
import { expect } from '@jest/globals';
import { agent, contractOf, key, type History } from '../context/history.fixture.js';
import { ModelServer, chatCompletions, type Answer } from '../models/model-server.fixture.js';
import { startPlanWorker, type PlanWorkerOptions } from './plan-worker.js';

export const pay = chatCompletions.calls({ id: 'call_1', name: 'pay', arguments: '{"invoice":7}' });

const servers: ModelServer[] = [];
export async function closeServers(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.close()));
}

export type Reply = FactAnswer | Error | (() => FactAnswer);

/** A planner with a fake bus, whose orchestrator gives these answers in order, and a real model server. */
export async function planner(history: History, answers: readonly Answer[], replies: readonly Reply[], log: PlanWorkerOptions['log'] = history.log, recorded = new Map<string, string>(), modelTimeoutMs = 20_000) {
  const server = await ModelServer.answering(...answers);
  servers.push(server);
  const facts: FactOf<'plan'>[] = [];
  const stalls: FactOf<'stall'>[] = [];
  const lines: string[] = [];
  const told: TokenEvent[] = [];
  const workers: Omit<WorkerOptions, 'role'>[] = [];
  const bus = {
    work: (options: Omit<WorkerOptions, 'role'>) => void workers.push(options),
    request: async (subject: string, value: unknown, answer: z.ZodType) => {
      if (subject === subjects.policyVisible()) return answer.parse({ tools: ['pay'], policyDigest: 'e'.repeat(64) });
      expect(subject).toBe(subjects.fact(0, key, 'plan'));
      if ((value as Fact).kind === 'stall') return answer.parse({ status: 'committed', number: stalls.push(value as FactOf<'stall'>) });
      const reply = replies[facts.push(value as FactOf<'plan'>) - 1];
      if (reply instanceof Error) throw reply;
      return typeof reply === 'function' ? reply() : reply;
    },
    tell: (subject: string, event: TokenEvent) => {
      expect(subject).toBe(subjects.tokens(key));
      told.push(event);
    },
    publish: async (subject: string, payload: string): Promise<PublishAnswer> => {
      recorded.set(subject, payload);
      return { status: 'stored', sequence: recorded.size, duplicate: false };
    },
    lastBySubject: async (stream: string, subject: string) => {
      expect(stream).toBe(ANSWERS_STREAM);
      const payload = recorded.get(subject);
      return payload === undefined ? undefined : { data: new TextEncoder().encode(payload) };
    },
  } as unknown as Bus;
  startPlanWorker({
    bus, log, partitions: 1, concurrency: 4, agents: declaredAgents([{ ...agent, model: 'compatible/tried' }]), catalog: { agents: [{ ...agent, model: 'compatible/tried' }], tools: [contractOf('pay'), contractOf('lookup')] }, module: { agents: [] },
    models: { compatibleUrl: server.url, environment: {} }, modelTimeoutMs, firstTokenMs: modelTimeoutMs, clock: () => 0,
    logger: createLogger({ service: 'planner', level: 'trace', destination: { write: (line) => void lines.push(line) } }),
  });
  const [worker] = workers;
  if (worker === undefined) throw new Error('no worker was started');
  const stopping = new AbortController();
  const handle = async (commit: RecordedCommit | undefined, deliveries = 1): Promise<WorkResult> => worker.handle(messageOf(commit, deliveries), stopping.signal);
  return { server, facts, stalls, lines, told, recorded, handle, stopping, consumers: workers.map((options) => options.consumer) };
}

function messageOf(recorded: RecordedCommit | undefined, deliveries: number): WorkMessage {
  if (recorded === undefined) throw new Error('there is no such commit');
  const { commit, sequence } = recorded;
  return { subject: subjects.commit(0, key, commit.route), data: new TextEncoder().encode(JSON.stringify(commit)), sequence, deliveries, header: () => undefined };
}
