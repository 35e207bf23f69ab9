import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { Bus, type BusSettings } from '@holdfast/bus';
import { consumersOf, type ConsumerDeclaration, type Role } from '@holdfast/contracts';
import { install } from '@holdfast/deploy';
import { startTestBroker, type TestBroker } from '../test-broker.js';

export const PARTITIONS = 1;

/** The planner's consumer of `LOG-0`. */
export function plannerConsumer(): ConsumerDeclaration {
  const found = consumersOf(PARTITIONS, ['default']).find(({ name }) => name === 'planner');
  if (found === undefined) throw new TypeError('the contracts declare no consumer for the planner');
  return found;
}

export interface ConsumerState {
  readonly num_pending: number;
  readonly num_ack_pending: number;
  readonly num_waiting: number;
}

/** A broker with an installation, the buses of a specification, and the installer's view of streams and consumers. */
export class Bench {
  private readonly open: Bus[] = [];
  private runs = 0;

  private constructor(readonly broker: TestBroker, private readonly core: NatsConnection) {}

  static async start(): Promise<Bench> {
    const broker = await startTestBroker({ partitions: PARTITIONS, monitor: true });
    const core = await connect({ servers: broker.url, authenticator: nkeyAuthenticator(new TextEncoder().encode(broker.seedOf('CORE'))), maxReconnectAttempts: -1, reconnectTimeWait: 50, timeout: 10_000 });
    return new Bench(broker, core);
  }

  async bus(role: Role, settings: Partial<BusSettings> = {}): Promise<Bus> {
    const bus = await Bus.connect({ url: this.broker.url, role, seed: this.broker.seedOf(role), name: `bench-${role}`, ...settings });
    this.open.push(bus);
    return bus;
  }

  /** Asks JetStream's own interface, as nobody but the installer may. */
  async api<T>(path: string, question: object = {}): Promise<T> {
    // A busy disk takes its time, and after a restart of the broker so does this connection. A deletion must not be asked for twice.
    const answer = (await this.core.request(`$JS.API.${path}`, JSON.stringify(question), { timeout: 15_000 })).json<T & { readonly error?: { readonly description: string } }>();
    if (answer.error !== undefined) throw new Error(`${path}: ${answer.error.description}`);
    return answer;
  }

  consumer({ stream, name }: ConsumerDeclaration = plannerConsumer()): Promise<ConsumerState> {
    return this.api(`CONSUMER.INFO.${stream}.${name}`);
  }

  /** After a kill of the broker: until the installer's connection is there again too. */
  reconnected(): Promise<void> {
    return until(() => this.consumer().then(() => true, () => false));
  }

  async deleteConsumer({ stream, name }: ConsumerDeclaration): Promise<void> {
    await this.api(`CONSUMER.DELETE.${stream}.${name}`);
  }

  async reinstall(): Promise<void> {
    await install({ url: this.broker.url, seed: this.broker.seedOf('CORE'), partitions: PARTITIONS, adapters: ['default'] });
  }

  /** Commits on route `plan` of runs that are new, so that nothing of another test comes between. */
  async commits(bus: Bus, count: number): Promise<readonly number[]> {
    const sequences: number[] = [];
    while (sequences.length < count) {
      const page = Array.from({ length: Math.min(250, count - sequences.length) }, () => {
        this.runs += 1;
        return bus.publish(`log.0.acme.run-${this.runs}.plan`, 'a commit', { timeoutMs: 10_000 });
      });
      for (const answer of await Promise.all(page)) {
        if (answer.status !== 'stored') throw new Error(`not stored: ${JSON.stringify(answer)}`);
        sequences.push(answer.sequence);
      }
    }
    return sequences;
  }

  /** Nothing is left of the consumer's work: all delivered and all acknowledged. A broker that restarts may be asked. */
  settled(): Promise<void> {
    return until(async () => {
      const state = await this.consumer().catch(() => undefined);
      return state?.num_pending === 0 && state.num_ack_pending === 0;
    });
  }

  /** Subscriptions of every client of that name, as the broker counts them. */
  async subscriptions(name: string): Promise<number> {
    const { connections } = (await (await fetch(`${this.broker.monitorUrl}/connz`)).json()) as { connections: { name?: string; subscriptions: number }[] };
    return connections.filter((connection) => connection.name === name).reduce((sum, connection) => sum + connection.subscriptions, 0);
  }

  async closeBuses(): Promise<void> {
    await Promise.all(this.open.splice(0).map((bus) => bus.close(2_000)));
  }

  async stop(): Promise<void> {
    await this.closeBuses();
    await this.core.close();
    await this.broker.stop();
  }
}

/** Waits until something holds; it is an error of the specification's subject when it does not within 20 seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('what was waited for did not happen');
    await pause(20);
  }
}

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A promise and how to fulfil it from outside: a handler that a specification holds up. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
