/** For processes that answer as an agent's planner. An entry of its own: whoever only declares agents needs no broker. */
export { serveReasoner, type Reasoned, type ReasonerContext, type ReasonerOptions, type ServedReasoner } from './reasoner/serve-reasoner.js';
