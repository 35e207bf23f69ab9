import { z } from 'zod';

/**
 * What the installer wrote down when it made the streams. Every service compares its own settings with it: with another
 * number of partitions runs would be looked for where they are not.
 */
export const installationRecord = z.object({ partitions: z.number().int().positive(), adapters: z.array(z.string()) });
export type InstallationRecord = z.infer<typeof installationRecord>;

/** What one server of the broker says of itself (nats-server's STATSZ, of which this is the part that is read). */
export const brokerStatus = z.object({
  server: z.object({ name: z.string(), ver: z.string(), time: z.string() }),
  statsz: z.object({ jetstream: z.object({ config: z.object({ sync_always: z.boolean().optional() }) }).optional() }),
});
export type BrokerStatus = z.infer<typeof brokerStatus>;

/** `power`: every acknowledged write is on disk. `process`: the last moments can be lost with the machine's power. */
export type Durability = 'power' | 'process';

/**
 * What the broker really runs, as its servers say. A cluster is as durable as its weakest server with streams, and
 * `unknown` is said when none of them answered (a broker whose configuration is not ours).
 */
export function durabilityOf(statuses: readonly BrokerStatus[]): Durability | 'unknown' {
  const storing = statuses.flatMap(({ statsz }) => (statsz.jetstream === undefined ? [] : [statsz.jetstream.config]));
  if (storing.length === 0) return 'unknown';
  return storing.every((config) => config.sync_always === true) ? 'power' : 'process';
}
