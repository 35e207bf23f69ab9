import type { AgentRoute, CanaryEnd, RouteShare } from '@holdfast/contracts';
import { isPaused, type Canary } from './canary-records.js';

/** What is to be written next for a canary, if anything: its end, or a route in place of the one with the sequence `seen`. */
export type NextStep =
  | { readonly do: 'nothing' }
  | { readonly do: 'end'; readonly end: Omit<CanaryEnd, 'at'> }
  | { readonly do: 'route'; readonly route: Omit<AgentRoute, 'at'>; readonly seen: number };

/** The agent's route at present, with its sequence; undefined where nobody has set one. */
export interface PresentRoute {
  readonly route: AgentRoute;
  readonly sequence: number;
}

const NOTHING: NextStep = { do: 'nothing' };

/**
 * Compares what the records say with the route that counts, and tells the next step from one to the other. Whoever carries steps
 * out may die between any two, or be one of several: each step is a write with a fence, and the same question is asked again.
 * Nothing is ever routed but the two versions that were declared, and what was routed before; a route that somebody else has
 * set meanwhile stays.
 */
export function nextStep(canary: Canary, present: PresentRoute | undefined, isCandidateRevoked: boolean): NextStep {
  const { declared, end } = canary;
  const own = present?.route.canary?.id === declared.declaration.id ? present.route.canary : undefined;
  const isUntouched = (present?.sequence ?? 0) === declared.seen;
  if (end !== undefined) return own === undefined || own.step === 'ended' ? NOTHING : routing(canary, present, 'ended');
  if (own === undefined && !isUntouched) return { do: 'end', end: { outcome: 'superseded', reason: 'another route was set meanwhile, and stays', by: present?.route.by ?? 'somebody' } };
  const ended = endOf(canary, isCandidateRevoked);
  if (ended !== undefined) return { do: 'end', end: ended };
  const step = isPaused(canary) ? 'paused' : 'begun';
  return own?.step === step ? NOTHING : routing(canary, present, step);
}

/** A revoked candidate, then the first word of a person that ends it, then the verdict; a promotion waits while it is paused. */
function endOf(canary: Canary, isCandidateRevoked: boolean): Omit<CanaryEnd, 'at'> | undefined {
  if (isCandidateRevoked) return { outcome: 'rolled-back', reason: 'the candidate was revoked', by: 'registry' };
  const word = canary.words.find((one) => one.word === 'promote' || one.word === 'abort');
  if (word !== undefined) return { outcome: word.word === 'promote' ? 'promoted' : 'aborted', reason: word.comment, by: word.by };
  const { verdict } = canary;
  if (verdict === undefined || (verdict.verdict === 'promote' && isPaused(canary))) return undefined;
  return { outcome: verdict.verdict === 'promote' ? 'promoted' : verdict.verdict === 'roll-back' ? 'rolled-back' : 'inconclusive', reason: verdict.reason, by: 'evals' };
}

function routing(canary: Canary, present: PresentRoute | undefined, step: 'begun' | 'paused' | 'ended'): NextStep {
  const { declared: { declaration: { id, stableBy } }, end } = canary;
  const reason = step === 'begun' ? 'begun' : step === 'paused' ? 'paused' : `${end?.outcome}: ${end?.reason}`;
  const by = step === 'ended' ? (end?.by ?? canary.declared.by) : (canary.words.at(-1)?.by ?? canary.declared.by);
  return { do: 'route', seen: present?.sequence ?? 0, route: { shares: sharesAt(canary, step), by, comment: `canary ${id} ${reason}`.slice(0, 4_000), ...(step === 'ended' ? {} : { stableBy }), canary: { id, step } } };
}

function sharesAt({ declared: { declaration, incumbent, before }, end }: Canary, step: 'begun' | 'paused' | 'ended'): RouteShare[] {
  const { candidate, percent } = declaration;
  if (step === 'ended') return end?.outcome === 'promoted' ? [{ digest: candidate, weight: 1 }] : before;
  // Paused, the candidate keeps its place without weight, so that whoever looks sees what is on trial.
  return step === 'paused' ? [{ digest: incumbent, weight: 100 }, { digest: candidate, weight: 0 }] : [{ digest: incumbent, weight: 100 - percent }, { digest: candidate, weight: percent }];
}
