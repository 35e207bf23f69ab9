import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { api } from './bare-streams.ts';

interface ConsumerList {
  readonly consumers?: readonly { readonly name: string; readonly num_pending: number }[];
}

const BATCH = 500;

/** Takes and acknowledges everything that a stream's consumers have before them, as workers did long ago. Returns how much. */
export async function drainConsumers(core: NatsConnection, stream: string): Promise<number> {
  const { consumers = [] } = await api<ConsumerList>(core, `CONSUMER.LIST.${stream}`);
  let taken = 0;
  for (const { name, num_pending } of consumers) {
    for (let left = num_pending; left > 0;) {
      const got = await takeBatch(core, stream, name, Math.min(BATCH, left));
      if (got === 0) break;
      left -= got;
      taken += got;
    }
  }
  return taken;
}

function takeBatch(core: NatsConnection, stream: string, consumer: string, batch: number): Promise<number> {
  return new Promise((resolve) => {
    const inbox = createInbox();
    let got = 0;
    const subscription = core.subscribe(inbox, { callback: (_error, message: Msg) => {
      const isStatus = message.headers?.code !== undefined && message.headers.code !== 0;
      if (!isStatus) {
        message.respond('+ACK');
        got += 1;
      }
      if (!isStatus && got < batch) return;
      subscription.unsubscribe();
      // The next request must not overtake these acknowledgements, or the consumer's limit of unacknowledged ones stops it.
      void core.flush().then(() => resolve(got));
    } });
    core.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify({ batch, expires: 2_000_000_000 }), { reply: inbox });
  });
}
