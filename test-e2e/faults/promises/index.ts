export { totalEffects } from './effects.ts';
export { readHistories, type Evidence, type Histories } from './evidence.ts';
export { judge, type Promised } from './promises.ts';
export { rests } from './rest.ts';
