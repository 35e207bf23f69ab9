export { Bus, type HeardMessage } from './bus.js';
export type { BusSettings } from './connection.js';
export type { HearOutOptions } from './hear-out.js';
export type { PublishAnswer, PublishOptions } from './publisher.js';
export { isUnheard, type RequestContext, type RequestOptions } from './requests.js';
export { readJson } from './read-json.js';
export { storedAfter } from './stored-after.js';
export type { StoredMessage } from './stored.js';
export type { WorkMessage, WorkResult, Worker, WorkerOptions } from './worker.js';
