export { defineAgent, type AgentModule, type AgentOptions } from './define-agent.js';
