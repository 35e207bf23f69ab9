import { RUNTIME_ADAPTER, abortTool, type RunEvent } from '@holdfast/contracts';
import { OWN_LABEL } from '../labels.js';
import { overdraft } from '../state/purse.js';
import type { CallState, LiveState } from '../state/state.js';
import type { JudgedCall } from './decision.js';
import { amountOf } from './amount.js';

/** What a call comes to that is not made and of which nothing is recorded. Nothing in it comes from anywhere but here. */
const SIMULATED = { simulated: true, note: 'This call was simulated: nothing was done, and no real result exists. Go on as if it had been done.' };

/**
 * What an allowed call comes to in a run whose effects are simulated; undefined where it is really made: reads of which nothing is recorded, waits,
 * and what every run does to itself. Whatever else could change something never gets a commit that an adapter would act upon. The outcome
 * that the log holds of the same call is taken with the labels that it has there.
 */
export function simulating(state: LiveState, call: CallState, { contract, recorded }: JudgedCall): readonly RunEvent[] | undefined {
  if (state.simulation === undefined || contract === undefined || (contract.adapter === RUNTIME_ADAPTER && call.tool === abortTool.name)) return undefined;
  if (contract.effect === 'read' && recorded === undefined) return undefined;
  const { callId, tool } = call;
  const amount = call.undoes === undefined ? amountOf(call, contract) : undefined;
  const over = call.undoes === undefined ? overdraft(state, tool, amount) : undefined;
  if (over !== undefined) return [{ type: 'call-refused', callId, tool, reasons: [over] }];
  const called: RunEvent = { type: 'call-simulated', callId, tool, effect: contract.effect, arguments: { ...call.arguments }, contractDigest: contract.digest, ...(amount === undefined ? {} : { amount }), ...(recorded === undefined ? {} : { from: recorded.from }) };
  if (recorded === undefined) {
    return [
      called,
      { type: 'tool-returned', callId, tool, outcome: { status: 'succeeded', result: SIMULATED, replayed: false, attempts: [] } },
      { type: 'observation-recorded', callId, content: SIMULATED, label: OWN_LABEL, fields: {} },
    ];
  }
  const { outcome, observation, label } = recorded;
  return [
    called,
    { type: 'tool-returned', callId, tool, outcome, ...(label === undefined ? {} : { label }) },
    ...(observation === undefined ? [] : [{ type: 'observation-recorded', callId, ...observation } as const]),
  ];
}
