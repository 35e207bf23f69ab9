export type { Agents, AgentWanted } from './agents.js';
export { choose, missingVersion, type Choice, type Share } from './choose.js';
export { declaredAgents } from './declared-agents.js';
export { AgentRegistry, DEPLOYMENT, type AgentRegistrySettings, type StoredRoute } from './agent-registry.js';
export type { ListedVersion } from './agent-records.js';
