export type { Agents, AgentWanted } from './agents.js';
export { choose, missingVersion, type Choice, type Share, type StableKeys } from './choose.js';
export { CanaryBook, type CanaryBookSettings } from './canaries/canary-book.js';
export { declaredAgents } from './declared-agents.js';
export { AgentRegistry, DEPLOYMENT, type AgentRegistrySettings, type StoredRoute } from './agent-registry.js';
export type { ListedVersion } from './agent-records.js';
