export { DEFAULT_LIMITS, DEFAULT_RETENTION_MS, workspaceTools, type WorkspaceSettings } from './workspace-tools.js';
export type { CommandLimits } from './sandbox.js';
