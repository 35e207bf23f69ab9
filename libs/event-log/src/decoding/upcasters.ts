import { HoldfastError, runEvent } from '@holdfast/contracts';

/** An event as JSON carries it. */
export type WrittenEvent = Readonly<Record<string, unknown>>;

/**
 * Turns one version of an event into the next, or into the event that took its place. It must give whole events of that
 * version, and it must be pure: history is read by every release from now on.
 */
export type Upcaster = (event: WrittenEvent) => WrittenEvent;

/** An event's version: `v`, and 1 where it is absent. */
export function versionOf(event: WrittenEvent): number {
  return typeof event['v'] === 'number' ? event['v'] : 1;
}

/** The version of each event type that this release writes, as its contract says. */
export const CURRENT_VERSIONS: ReadonlyMap<string, number> = new Map(runEvent.options.map(({ shape }) => {
  const { v } = shape as { readonly v?: { readonly value: number } };
  return [shape.type.value as string, v?.value ?? 1] as const;
}));

/** The upcasters of all releases by `type@version` of the event that they take. No event has had a second version yet. */
export const UPCASTERS: ReadonlyMap<string, Upcaster> = new Map();

/** No event has so many versions; a registry that leads in a circle must not stop the process. */
const MOST_STEPS = 100;

/**
 * The event in the version that this release knows; the very same object when it is that already. Throws
 * `log.event-unknown` (not retryable, names the place) for a type or version that only a later release can know.
 */
export function upcast(event: WrittenEvent, place: string, upcasters: ReadonlyMap<string, Upcaster> = UPCASTERS): WrittenEvent {
  let present = event;
  for (let step = 0; step <= MOST_STEPS; step += 1) {
    const name = String(present['type']);
    const upcaster = upcasters.get(`${name}@${versionOf(present)}`);
    if (upcaster === undefined) {
      if (CURRENT_VERSIONS.get(name) === versionOf(present)) return present;
      break;
    }
    present = upcaster(present);
  }
  throw new HoldfastError({
    code: 'log.event-unknown',
    message: `The commit at ${place} holds an event "${String(event['type'])}" of version ${versionOf(event)}, which this release does not know.`,
    retryable: false,
    remedy: 'Upgrade this service before it works on the run again; other runs are not affected.',
  });
}
