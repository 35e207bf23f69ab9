import { setegid, argv, env, kill, pid } from 'node:process';
import { mistreatDeliveries } from './deliveries.ts';
import { FAILPOINTS, type FailpointName } from './failpoints.ts';
import { MUTATIONS } from './mutations.ts';
import { Orders } from './orders.ts';
import { groupOf } from './process-group.ts';
import { Wrapping } from './wrap.ts';

/**
 * Loaded into every service of a chaos round before anything else (`NODE_OPTIONS=--import`). It brings in failpoints,
 * mistreated deliveries and, for the mutation check, guarantees that are switched off.
 */
const service = /\/apps\/([a-z-]+)\/dist\/main\.js$/.exec(argv[1] ?? '')?.[1];
const folder = env['HOLDFAST_CHAOS_ORDERS'];
if (service !== undefined && folder !== undefined) arrange(service, new Orders(folder));

function arrange(own: string, orders: Orders): void {
  const wrapping = new Wrapping();
  const die = (point: FailpointName): void => {
    if (orders.claim(point)) kill(pid, 'SIGKILL');
  };
  /** The events of commits that are not the last of their decision. */
  const followed = new WeakSet<object>();
  for (const [name, declared] of Object.entries(FAILPOINTS)) {
    const point = name as FailpointName;
    if (declared.service !== own) continue;
    if (point === 'orchestrator.between-commits') {
      wrapping.add(declared, (append) => async function (...args) {
        const appended = await (append.apply(this, args) as Promise<{ readonly status: string }>);
        if (appended.status === 'appended' && followed.has((args[1] as { readonly events: object }).events)) die(point);
        return appended;
      });
    } else if (own === 'tool-adapters') {
      if (point !== 'tool-adapters.before-claim') continue;
      wrapping.add(declared, () => () => ({ hit: (moment: string) => die(`tool-adapters.${moment}` as FailpointName) }));
    } else {
      wrapping.add(declared, (original) => async function (...args) {
        if (declared.moment === 'before') die(point);
        const answer = await original.apply(this, args);
        if (declared.moment === 'after') die(point);
        return answer;
      });
    }
  }
  if (own === 'orchestrator') {
    wrapping.add({ module: '/libs/run/dist/decide/decide.js', target: 'decide' }, (decide) => function (...args) {
      const decision = decide.apply(this, args) as { readonly kind: string; readonly drafts?: readonly { readonly events: object }[] };
      for (const draft of decision.drafts?.slice(0, -1) ?? []) followed.add(draft.events);
      return decision;
    });
  }
  for (const { handle, wrapper } of MUTATIONS[env['HOLDFAST_CHAOS_MUTATION'] ?? ''] ?? []) wrapping.add(handle, wrapper);
  wrapping.install();
  mistreatDeliveries(orders);
  // Packet filters know a process by its group: one of its own, by its number.
  if (env['HOLDFAST_CHAOS_OWN_GROUP'] === 'yes') setegid?.(groupOf(pid));
}
