export { compareContracts } from './compare-contracts.js';
export { openCatalog, type OpenedCatalog } from './live-catalog.js';
export { standingOf, type Known, type Placed, type ToolStanding } from './standing.js';
export { ToolRegistry, type RegistrySettings } from './registry.js';
