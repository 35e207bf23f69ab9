export { awaitedBasis, callsWith, initialState, undispatchedCalls, type Acting, type ApprovalState, type CallState, type CallStatus, type Ended, type LiveState, type Planning, type RunState, type Unborn } from './state/state.js';
export { RECENT_KEPT, TOLD_KEPT, nothingFolded, withFolded, type Folded } from './state/folded.js';
export { checkpointOf, restoreCheckpoint } from './state/checkpoint.js';
export { HistoryError, callIdOf, evolve, fold, type FoldableCommit } from './evolve.js';
export type { CommitDraft, Decision, Input, JudgedCall, OutputLabels } from './decide/decision.js';
export { decide } from './decide/decide.js';
