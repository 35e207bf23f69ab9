import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { PublishAnswer, PublishOptions, StoredMessage } from '@holdfast/bus';
import { AGENTS_STREAM, CANARIES_STREAM, type ToolContract } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import { createLogger, type Logger } from '@holdfast/observability';
import { BUS, DATA_KEYS, EVENT_LOG, HealthController, LOGGER, Readiness } from '@holdfast/service';
import { httpOptions } from './edge/http-options.js';
import { prepareEdge } from './edge/prepare-edge.js';
import { GatewayModule } from './gateway.module.js';
import { PARTITIONS } from './runs/run.fixture.js';
import { gatewaySettings, type GatewaySettings } from './settings.js';

/** The keys that specifications use, by what they may do. */
export const KEYS = {
  viewer: { name: 'vera', tenant: 'acme', roles: ['viewer'], key: 'viewer-key-of-the-specification' },
  operator: { name: 'otto', tenant: 'acme', roles: ['operator'], groups: ['treasury'], key: 'operator-key-of-the-specification' },
  approver: { name: 'ada', tenant: 'acme', roles: ['approver'], key: 'approver-key-of-the-specification' },
  admin: { name: 'alma', tenant: 'acme', roles: ['admin'], key: 'admin-key-of-the-specification' },
  stranger: { name: 'steve', tenant: 'globex', roles: ['admin'], key: 'stranger-key-of-the-specification' },
} as const;

export const bearer = (who: keyof typeof KEYS): { readonly authorization: string } => ({ authorization: `Bearer ${KEYS[who].key}` });

const digest = 'e'.repeat(64);
/** The one tool of the specifications' catalogue. */
export const shipTool: ToolContract = {
  name: 'ship', description: 'Ships an order.', adapter: 'default', effect: 'keyed', identity: ['order'], roles: { order: 'target' },
  input: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'], additionalProperties: false }, output: { type: 'object' },
  outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} }, timeoutMs: 1_000, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 1, digest: 'a'.repeat(64),
};
const catalog = {
  agents: [{
    name: 'payables', instructions: 'Pay what is due.', model: 'scripted', taskTypes: ['invoice.received'], tools: [], trustTier: 'supervised', inputTrust: {},
    budgets: { maxSteps: 10, deadlineSeconds: 3600, approvalSeconds: 600 }, digest,
  }],
  tools: [shipTool],
};

/** Settings whose files are in a temporary folder. */
export async function writeSettings(environment: Readonly<Record<string, string>>): Promise<{ readonly settings: GatewaySettings; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-gateway-'));
  const keys = Object.values(KEYS).map(({ key, ...rest }) => ({ ...rest, sha256: createHash('sha256').update(key).digest('hex') }));
  await writeFile(join(directory, 'keys.json'), JSON.stringify(keys));
  await writeFile(join(directory, 'catalog.json'), JSON.stringify(catalog));
  const settings = gatewaySettings.parse({ NATS_URL: 'nats://127.0.0.1:1', HOLDFAST_PARTITIONS: String(PARTITIONS), HOLDFAST_CATALOG: join(directory, 'catalog.json'), HOLDFAST_API_KEYS_FILE: join(directory, 'keys.json'), ...environment });
  return { settings, remove: () => rm(directory, { recursive: true, force: true }) };
}

export interface Published {
  readonly subject: string;
  readonly body: unknown;
  readonly options: PublishOptions | undefined;
}

/** A broker's stand-in that stores whatever is published and knows message ids, or answers as it is told. */
export class FakeBus {
  readonly published: Published[] = [];
  answer: PublishAnswer | undefined;
  readonly requests: { readonly subject: string; readonly value: unknown }[] = [];

  async publish(subject: string, payload: Uint8Array | string, options?: PublishOptions): Promise<PublishAnswer> {
    if (this.answer !== undefined) return this.answer;
    const last = this.published.findLastIndex((earlier) => earlier.subject === subject) + 1;
    if (options?.expected !== undefined && options.expected.sequence !== last) return { status: 'conflict', lastSequence: last };
    const duplicate = options?.messageId !== undefined && this.published.some((earlier) => earlier.options?.messageId === options.messageId);
    if (!duplicate) this.published.push({ subject, body: JSON.parse(String(payload)), options });
    return { status: 'stored', sequence: this.published.length, duplicate };
  }

  /** Tasks that wait in the inbox. */
  waiting = 0;

  async count(): Promise<number> {
    return this.waiting;
  }

  async lastBySubject(_stream: string, subject: string): Promise<StoredMessage | undefined> {
    const at = this.published.findLastIndex((stored) => stored.subject === subject);
    return at < 0 ? undefined : { subject, sequence: at + 1, data: new TextEncoder().encode(JSON.stringify(this.published[at]?.body)) } as StoredMessage;
  }

  listen(): () => void {
    return () => undefined;
  }

  onReconnect(): () => void {
    return () => undefined;
  }

  async request(subject: string, value: unknown): Promise<unknown> {
    this.requests.push({ subject, value });
    return { passages: [] };
  }

  async getBatch(stream: string, sequence: number): Promise<readonly StoredMessage[]> {
    const prefix = { [AGENTS_STREAM]: 'agent.', [CANARIES_STREAM]: 'canary.' }[stream];
    if (prefix === undefined) return [];
    return this.published.flatMap(({ subject, body }, at) => (subject.startsWith(prefix) && at + 1 >= sequence ? [{ subject, sequence: at + 1, data: new TextEncoder().encode(JSON.stringify(body)) } as StoredMessage] : []));
  }

  work(): void {
    // Nothing is delivered here; the intake has a specification of its own.
  }
}

@Module({})
class FakeServiceModule {}

/** The whole gateway over an in-memory log and a fake bus, without a port: requests are injected. */
export async function startGateway(log: EventLog, bus: FakeBus = new FakeBus(), environment: Readonly<Record<string, string>> = {}, logger: Logger = createLogger({ service: 'gateway', level: 'silent' })): Promise<{ readonly app: NestFastifyApplication; readonly bus: FakeBus; stop(): Promise<void> }> {
  const { settings, remove } = await writeSettings(environment);
  const providers = [
    { provide: BUS, useValue: bus },
    { provide: EVENT_LOG, useValue: log },
    { provide: DATA_KEYS, useValue: { isErasedBefore: async () => true } },
    { provide: LOGGER, useValue: logger },
    Readiness,
  ];
  const service: DynamicModule = { module: FakeServiceModule, global: true, controllers: [HealthController], providers, exports: [BUS, DATA_KEYS, EVENT_LOG, LOGGER, Readiness] };
  const app = await NestFactory.create<NestFastifyApplication>({ module: class Root {}, imports: [service, GatewayModule.register(settings)] }, new FastifyAdapter(httpOptions(settings)), { logger: false, abortOnError: false });
  await prepareEdge(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return {
    app,
    bus,
    stop: async () => {
      await app.close();
      await remove();
    },
  };
}

/** Asks a gateway as somebody, and answers what came back. */
export async function askAs(app: NestFastifyApplication, method: 'GET' | 'POST', url: string, who: keyof typeof KEYS, payload?: unknown) {
  const answer = await app.inject({ method, url, headers: { ...bearer(who), ...(payload === undefined ? {} : { 'content-type': 'application/json' }) }, ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }) });
  return { status: answer.statusCode, body: answer.json() };
}
