import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Bus } from '@holdfast/bus';
import { subjects, type Role, type RunKey } from '@holdfast/contracts';
import { JetStreamEventLog } from '@holdfast/event-log';
import { createLogger, startMetrics, startTelemetry } from '@holdfast/observability';
import { ServiceModule } from '@holdfast/service';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { httpOptions } from '../edge/http-options.js';
import { prepareEdge } from '../edge/prepare-edge.js';
import { writeSettings, type KEYS } from '../gateway.fixture.js';
import { GatewayModule } from '../gateway.module.js';
import { PARTITIONS, key, payInvoice } from '../runs/run.fixture.js';
import { RunIndex } from '../runs/run-index.js';
import { serveMemory } from '../memory/memory.stand-in.fixture.js';
import { send, type Told } from './send.fixture.js';

/** Tries until the probe gives something; the specification's own time-out is the only clock. */
async function eventually<T>(probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The matrix asks more often than anybody may, and with more keys that are none. */
const UNLIMITED = { HOLDFAST_RATE_PER_PRINCIPAL: '1000000', HOLDFAST_RATE_PER_TENANT: '1000000', HOLDFAST_FAILURES_PER_ADDRESS: '1000000' };

/** A gateway on a real broker, and whatever is needed to have something there that a request can be about. */
export class World {
  private constructor(private readonly broker: TestBroker, readonly app: NestFastifyApplication, readonly url: string, private readonly roles: ReadonlyMap<Role, Bus>, readonly log: JetStreamEventLog, private readonly remove: () => Promise<void>) {}

  static async begin(environment: Readonly<Record<string, string>> = {}): Promise<World> {
    const broker = await startTestBroker({ partitions: PARTITIONS });
    const roles = new Map<Role, Bus>();
    for (const role of ['orchestrator', 'tools', 'memory'] as const) roles.set(role, await Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: 'specification' }));
    const { settings, remove } = await writeSettings({ NATS_URL: broker.url, HOLDFAST_NATS_SEED: broker.seedOf('gateway'), ...UNLIMITED, ...environment });
    const service = ServiceModule.register({ name: 'gateway', role: 'gateway', settings, logger: createLogger({ service: 'gateway', level: 'silent' }), telemetry: startTelemetry({ service: 'gateway', version: '0' }), metrics: await startMetrics({ service: 'gateway', version: '0' }) });
    const app = await NestFactory.create<NestFastifyApplication>({ module: class Root {}, imports: [service, GatewayModule.register(settings)] }, new FastifyAdapter(httpOptions(settings)), { logger: false, abortOnError: false });
    await prepareEdge(app);
    await app.listen(0, '127.0.0.1');
    const world = new World(broker, app, await app.getUrl(), roles, new JetStreamEventLog(busOf(roles, 'orchestrator'), PARTITIONS), remove);
    serveMemory(world.as('memory'));
    await eventually(() => world.index.isComplete || undefined);
    return world;
  }

  /** The bus as another service has it. */
  as(role: Role): Bus {
    return busOf(this.roles, role);
  }

  get index(): RunIndex {
    return this.app.get(RunIndex);
  }

  /** Every name that was made: nobody but "acme" may be told any. */
  readonly names = ['reader-of-acme'];

  /** A name that nothing else has. */
  name(): string {
    const name = `m-${randomUUID()}`;
    this.names.push(name);
    return name;
  }

  /** Asks the gateway for what a request needs to be there before. */
  async ask(who: keyof typeof KEYS, method: 'GET' | 'POST', path: string, body?: unknown): Promise<Told> {
    const told = await send(this.url, { method, path }, body === undefined ? {} : { body }, who);
    if (told.status >= 400) throw new Error(told.text);
    return told;
  }

  /** A run that has come to its commit `upTo` of {@link payInvoice}, or to what `write` appends, and that the gateway lists. */
  async run(upTo: number | ((run: RunKey, log: JetStreamEventLog) => Promise<void>) = 6, runId = this.name()): Promise<string> {
    const run = key(runId);
    await (typeof upTo === 'number' ? payInvoice(this.log, run, upTo) : upTo(run, this.log));
    const commits = (await this.log.head(run))?.commit.number ?? 0;
    await eventually(() => ((this.index.get(run)?.commits ?? 0) >= commits ? true : undefined));
    return run.runId;
  }

  /** Puts a letter on the dead-letter list of "acme". */
  async deadLetter(): Promise<void> {
    const letter = { at: 1, subject: 'tasks.acme', code: 'task.invalid', reason: `The event ${this.name()} is malformed.`, remedy: 'Correct it.', payload: '{}' };
    await this.as('orchestrator').publish(subjects.dead('acme', 'orchestrator', this.name()), JSON.stringify(letter));
  }

  async end(): Promise<void> {
    await this.app.close();
    await Promise.all([...this.roles.values()].map((bus) => bus.close()));
    await this.broker.stop();
    await this.remove();
  }
}

function busOf(roles: ReadonlyMap<Role, Bus>, role: Role): Bus {
  const bus = roles.get(role);
  if (bus === undefined) throw new Error(`the world has no ${role}`);
  return bus;
}
