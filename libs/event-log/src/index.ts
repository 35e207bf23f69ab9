export type { AppendResult, AppendableDraft, CommitMessage, EventLog, LogSubscription, RunTail, StoredLog } from './port.js';
export { decodeCommit } from './decoding/decode.js';
export { findBreak, hashOf, seal, type ChainBreak } from './chain.js';
export { CachedRunReader } from './cached-reader.js';
export { InMemoryEventLog } from './memory.js';
export { JetStreamEventLog, type LogBus, type LogLimits } from './jetstream.js';
export { RunProjections, type ProjectedRun, type Projection } from './run-projections.js';
export { verifyLog, verifyRun, type VerificationLimits } from './verification/verify.js';
export type { CheckedPartition, Finding, VerificationReport } from './verification/report.js';
