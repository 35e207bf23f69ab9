import { argv, env, kill, pid } from 'node:process';
import type { Handle } from '../../faults/injection/failpoints.ts';
import { Wrapping } from '../../faults/injection/wrap.ts';
import { SWITCHES } from './switches.ts';
import { Strikes, type WorkerMoment } from './strikes.ts';

/** Loaded into the tool adapters before anything else: brings in the strikes, and what is switched off. */
const LEDGER = '/libs/tool-sdk/dist/ledger/ledger.js';
const claim: Handle = { module: LEDGER, target: 'Ledger.claim' };
const record: Handle = { module: LEDGER, target: 'Ledger.record' };
const execute: Handle = { module: '/libs/tool-sdk/dist/execution/execute-call.js', target: 'executeCall' };
const report: Handle = { module: '/apps/tool-adapters/dist/worker.js', target: 'report' };

interface Named {
  readonly identity: { readonly operation?: string };
}

const folder = env['HOLDFAST_MATRIX_STRIKES'];
if (folder !== undefined && /\/apps\/tool-adapters\/dist\/main\.js$/.test(argv[1] ?? '')) arrange(new Strikes(folder));

function arrange(strikes: Strikes): void {
  const wrapping = new Wrapping();
  const strike = (moment: WorkerMoment, operation: string | undefined): void => {
    if (operation !== undefined && strikes.claim(moment, operation)) kill(pid, moment === 'zombie' ? 'SIGSTOP' : 'SIGKILL');
  };
  // What is switched off goes first, so that strikes lie around it.
  for (const { handle, wrapper } of SWITCHES[env['HOLDFAST_MATRIX_WITHOUT'] ?? ''] ?? []) wrapping.add(handle, wrapper);
  wrapping.add(execute, (original) => async function (...args) {
    const { tool, args: given } = args[0] as { readonly tool: { readonly effect: string }; readonly args: { readonly operation?: string } };
    // Reads are not in the ledger: what comes before and after the whole stands for the claim and the outcome.
    if (tool.effect === 'read') strike('before-claim', given.operation);
    const outcome = await original.apply(this, args);
    if (tool.effect === 'read') strike('after-outcome', given.operation);
    return outcome;
  });
  wrapping.add(claim, (original) => async function (...args) {
    const { operation } = (args[0] as Named).identity;
    strike('before-claim', operation);
    const answer = await original.apply(this, args);
    if ((answer as { readonly status: string }).status === 'granted') for (const moment of ['after-claim', 'zombie'] as const) strike(moment, operation);
    return answer;
  });
  wrapping.add(record, (original) => async function (...args) {
    const answer = await original.apply(this, args);
    strike('after-outcome', (args[0] as { readonly operation: Named }).operation.identity.operation);
    return answer;
  });
  wrapping.add(report, (original) => async function (...args) {
    const answer = await original.apply(this, args);
    const text = new TextDecoder().decode((args[3] as { readonly data: Uint8Array }).data);
    strike('after-report', strikes.armed('after-report').find((operation) => text.includes(`"${operation}"`)));
    return answer;
  });
  wrapping.install();
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), 'x-worker-process': String(pid) } });
}
