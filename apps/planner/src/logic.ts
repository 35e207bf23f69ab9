/** The planner without Nest, for whoever runs its real logic elsewhere: the simulation does, on a twin of the broker. */
export { startPlanWorker, type PlanWorkerOptions } from './planning/plan-worker.js';
export { propose, type ProposeOptions } from './planning/propose.js';
export { ModelError } from './models/model-error.js';
