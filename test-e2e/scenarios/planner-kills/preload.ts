import { argv, env, kill, pid } from 'node:process';
import { Strikes } from '../../effects/injection/strikes.ts';
import { Wrapping } from '../../faults/injection/wrap.ts';
import type { Moment } from './moments.ts';

/** Loaded into the planners before anything else: brings in the strikes and, for the test of the test, takes the recording away. */
const folder = env['HOLDFAST_PLANNER_STRIKES'];
if (folder !== undefined && /\/apps\/planner\/dist\/main\.js$/.test(argv[1] ?? '')) arrange(new Strikes<Moment>(folder));

function arrange(strikes: Strikes<Moment>): void {
  const wrapping = new Wrapping();
  const planner = '/apps/planner/dist';
  const strike = (moment: Moment, basis: number): void => {
    if (basis === 1 && strikes.claim(moment, 'step')) kill(pid, 'SIGKILL');
  };
  wrapping.add({ module: `${planner}/planning/propose.js`, target: 'propose' }, (propose) => async function (...args) {
    const { basis } = args[0] as { readonly basis: number };
    strike('before-model', basis);
    const proposal = await propose.apply(this, args);
    strike('after-model', basis);
    return proposal;
  });
  wrapping.add({ module: `${planner}/answers/recorded-answers.js`, target: 'RecordedAnswers.record' }, (record) => async function (...args) {
    await record.apply(this, args);
    strike('after-record', (args[1] as { readonly basis: number }).basis);
  });
  if (env['HOLDFAST_PLANNER_WITHOUT'] === 'recording') wrapping.add({ module: `${planner}/answers/recorded-answers.js`, target: 'RecordedAnswers.find' }, () => async () => undefined);
  wrapping.add({ module: '/libs/bus/dist/bus.js', target: 'Bus.request' }, (request) => async function (this: unknown, ...args) {
    const [subject, fact] = args as [string, { readonly kind?: string; readonly proposal?: { readonly basis: number } }];
    const asking = request.apply(this, args) as Promise<unknown>;
    if (!subject.startsWith('fact.') || fact.kind !== 'plan') return asking;
    // When the broker answers a ping, it has what was sent before.
    await (this as { readonly connection: { flush(): Promise<void> } }).connection.flush();
    strike('after-send', fact.proposal?.basis ?? 0);
    return asking;
  });
  wrapping.add({ module: `${planner}/planning/deliver.js`, target: 'deliver' }, (deliver) => async function (...args) {
    const result = await deliver.apply(this, args);
    if (result === 'done') strike('after-confirm', (args[2] as { readonly basis: number }).basis);
    return result;
  });
  wrapping.install();
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('x-planner-process', String(pid));
    return fetch(input, { ...init, headers });
  };
}
