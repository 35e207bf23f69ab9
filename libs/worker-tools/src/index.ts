export { workerTools } from './worker-tools.js';
export { asyncApi } from './async-api.js';
