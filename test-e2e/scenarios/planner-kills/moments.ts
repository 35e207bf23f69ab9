/** Where in its step a planner is killed, in the order of time. */
export const MOMENTS = {
  'before the model is asked': 'before-model',
  'while the model answers': 'during-model',
  'after the model has answered and before anything is recorded or sent': 'after-model',
  'after the answer was recorded, while no orchestrator takes it': 'after-record',
  'after the proposal was sent and before it was confirmed': 'after-send',
  'after the proposal was confirmed and before its work is acknowledged': 'after-confirm',
} as const;
export type Moment = (typeof MOMENTS)[keyof typeof MOMENTS];
