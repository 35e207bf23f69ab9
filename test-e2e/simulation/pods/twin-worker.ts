import type { WorkMessage, WorkResult, WorkerOptions } from '@holdfast/bus';
import type { Role } from '@holdfast/contracts';
import type { Consumer, Delivery, Puller } from '../broker/consumer.ts';
import type { Process } from '../time/timeline.ts';
import type { TwinBusMeans } from './twin-bus.ts';

const RETRY_DELAY_MS = 1_000;

/** What the real `Worker` promises: several messages at once, kept while they are in hand, acknowledged or given back. */
export class TwinWorker implements Puller {
  readonly process: Process;
  readonly concurrency: number;
  outstanding = 0;
  private readonly role: Role;
  private readonly options: Omit<WorkerOptions, 'role'>;
  private readonly means: TwinBusMeans;
  private readonly consumer: Consumer;
  private readonly inHand = new Set<number>();
  private readonly stopping = new AbortController();

  constructor(process: Process, role: Role, options: Omit<WorkerOptions, 'role'>, means: TwinBusMeans) {
    this.process = process;
    this.role = role;
    this.options = options;
    this.means = means;
    this.concurrency = options.concurrency;
    this.consumer = means.broker.consumer(options.consumer);
    this.consumer.add(this);
  }

  worksOn(sequence: number): boolean {
    return this.inHand.has(sequence);
  }

  take(delivery: Delivery): void {
    const { stored } = delivery;
    this.means.network.send({ end: this.process, direction: 'in', what: `deliver ${stored.subject}`, to: this.process, arrive: () => void this.handle(delivery) });
  }

  disconnect(): void {
    this.consumer.remove(this);
  }

  async stop(graceMs = 5_000): Promise<void> {
    this.stopping.abort();
    this.disconnect();
    const deadline = Date.now() + graceMs;
    while (this.inHand.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  private async handle(delivery: Delivery): Promise<void> {
    const { stored, deliveries } = delivery;
    const { sequence, subject, headers } = stored;
    // Handling a second copy beside the first would help nobody.
    if (this.inHand.has(sequence)) {
      this.consumer.discard(delivery, this);
      return;
    }
    this.inHand.add(sequence);
    const message: WorkMessage = { subject, sequence, deliveries, data: this.means.alter(stored, deliveries, this.role), header: (name) => headers[name] };
    let result: WorkResult;
    try {
      result = await this.options.handle(message, this.stopping.signal);
    } catch (error) {
      this.options.onError(error, message);
      result = { againAfterMs: RETRY_DELAY_MS };
    }
    this.answer(delivery, result);
    this.inHand.delete(sequence);
  }

  private answer(delivery: Delivery, result: WorkResult): void {
    const { broker, network } = this.means;
    network.send({
      end: this.process, direction: 'out', what: `${result === 'done' ? 'acknowledge' : 'give back'} ${delivery.stored.subject}`, to: broker.process,
      arrive: () => {
        if (!broker.isUp) return;
        if (result === 'done') this.consumer.acknowledge(delivery, this);
        else this.consumer.giveBack(delivery, result.againAfterMs, this);
      },
    });
  }
}
