/** The tool adapter without Nest, for whoever runs its real logic elsewhere: the simulation does, on a twin of the broker. */
export { CallExecutor, type PermitVerifier } from './executor/call-executor.js';
export { BusEffectStore } from './ledger/bus-effect-store.js';
export { startToolWorker } from './worker.js';
