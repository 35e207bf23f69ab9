export type { AppendResult, AppendableDraft, CommitMessage, EventLog, LogSubscription, RunTail } from './port.js';
export { decodeCommit, findBreak, hashOf, seal, type ChainBreak } from './chain.js';
export { CachedRunReader } from './cached-reader.js';
export { InMemoryEventLog } from './memory.js';
export { JetStreamEventLog } from './jetstream.js';
