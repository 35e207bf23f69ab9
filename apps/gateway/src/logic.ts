/** The gateway's intake without Nest, for whoever runs its real logic elsewhere: the simulation does, on a twin of the broker. */
export { FactInbox, type FactPublisher } from './intake/fact-inbox.js';
export { runIdOf } from './intake/run-id.js';
export { TaskIntake, type TaskIntakeOptions } from './intake/task-intake.js';
