import { describeGuardStore } from './guard-store.suite.js';
import { InMemoryGuardStore } from './memory-guard-store.js';

describeGuardStore('the in-memory twin', () => Promise.resolve(new InMemoryGuardStore()));
