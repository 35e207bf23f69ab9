export { Bets } from './evidence/bets.js';
export { Comparison } from './evidence/comparison.js';
export { ORDER_GRACE_MS, assess, thresholds, type Assessment } from './evidence/assess.js';
export { observe, type Arm, type TriedRun } from './runs/tried-run.js';
export { lossesOf } from './runs/losses.js';
export { CanaryRecords, isPaused, type Canary } from './records/canary-records.js';
export { nextStep, type NextStep, type PresentRoute } from './records/next-step.js';
