import { InMemoryEffectStore } from './memory-effect-store.js';
import { describeEffectStore } from './effect-store.suite.js';

describeEffectStore('the in-memory twin', () => Promise.resolve(new InMemoryEffectStore()));
