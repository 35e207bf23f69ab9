export { defineAgent, type AgentModule } from './define-agent.js';
export { agentFile, isAgentFile, parseAgents, readAgents, type ReadInstructions } from './agent-file.js';
export { faultsOfAgent, type AgentFault } from './check-agent.js';
export { digestOfAgent, sealAgent, type AgentOptions } from './seal-agent.js';
