/** The orchestrator without Nest, for whoever runs its real logic elsewhere: the simulation does, on a twin of the broker. */
export { ActiveRuns } from './admission/active-runs.js';
export { TaskAdmission } from './admission/task-admission.js';
export { openFactIntake, type CloseIntake, type FactIntakeOptions } from './facts/fact-intake.js';
export { BusLeaseStore } from './leases/bus-lease-store.js';
export type { LeaseStore } from './leases/lease-store.js';
export { MemoryLeaseStore } from './leases/memory-lease-store.js';
export { Ownership, type OwnershipOptions } from './leases/ownership.js';
export { InputPreparer } from './runs/input-preparer.js';
export { RunCache } from './runs/run-cache.js';
export { RunProcessor } from './runs/run-processor.js';
export { originReader, type ReadOrigin } from './runtime-calls/fork-origin.js';
export { recordedFinder, type FindRecorded } from './runtime-calls/recorded-results.js';
export { openRuntimeCalls, stillWaits, type RuntimeCallsOptions } from './runtime-calls/runtime-calls.js';
export { armTimer, cancelTimer } from './timers/timers.js';
