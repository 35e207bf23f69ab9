export { DEFAULT_LIMITS, workspaceTools, type WorkspaceSettings } from './workspace-tools.js';
export type { CommandLimits } from './sandbox.js';
