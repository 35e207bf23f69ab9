/** The orchestrator without Nest, for whoever runs its real logic elsewhere: the simulation does, on a twin of the broker. */
export { startFactIntake, type FactIntakeOptions } from './facts/fact-intake.js';
export { recoverRuns } from './recovery/recover-runs.js';
export { InputPreparer } from './runs/input-preparer.js';
export { RunCache } from './runs/run-cache.js';
export { RunProcessor } from './runs/run-processor.js';
export { armTimer } from './timers/timers.js';
