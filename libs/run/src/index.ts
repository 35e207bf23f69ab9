export {
  MOST_UNDOABLE, UNSETTLED, awaitedBasis, callsWith, initialState, isErased, openApprovalOf, undispatchedCalls,
  type Acting, type ApprovalState, type CallState, type CallStatus, type Ended, type LiveState, type Origin, type Planning, type RunState, type Unborn, type Undoable, type Undone, type Winding,
} from './state/state.js';
export { lacksPlan, progressOf, type StepProgress } from './state/standing-plan.js';
export { summaryLabel } from './labels.js';
export { isSpent, leftOf, type Left } from './state/purse.js';
export { standingOf, waitsFor, type Awaited, type Standing } from './state/standing.js';
export { RECENT_KEPT, TOLD_KEPT, nothingFolded, withFolded, type Folded } from './state/folded.js';
export { checkpointOf, restoreCheckpoint } from './state/checkpoint.js';
export { evolve, fold, type FoldableCommit } from './evolve/evolve.js';
export { ERASED_TEXT } from './evolve/erased.js';
export { HistoryError } from './evolve/history-error.js';
export { callIdOf, isDoubtId, undoingCallId } from './names.js';
export type { EarlierRun, EarlierRuns } from './threads/thread-reading.js';
export type { CommitDraft, Decision, ForkOrigin, Input, JudgedCall, RecordedResult } from './decide/decision.js';
export { decide } from './decide/decide.js';
export { isAnswer } from './decide/plan.js';
