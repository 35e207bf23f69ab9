export { FOLDED_FACTS_KEPT, awaitedBasis, callsWith, initialState, undispatchedCalls, type Acting, type ApprovalState, type CallState, type CallStatus, type Ended, type LiveState, type Planning, type RunState, type Unborn } from './state.js';
export { HistoryError, callIdOf, evolve, fold, type FoldableCommit } from './evolve.js';
export type { CommitDraft, Decision, Input, JudgedCall, OutputLabels } from './decide/decision.js';
export { decide } from './decide/decide.js';
