export type { DatabaseSettings, DatabaseSource, RunningDatabase } from './running-database.js';
export { startDatabase } from './start.js';
