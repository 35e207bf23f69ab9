export { mcpOverlay, parseMcpOverlay, type McpOverlay } from './overlay.js';
export { OPERATION_KEY_META, mcpTools, snapshotMcp, type McpToolsSettings } from './mcp-tools.js';
