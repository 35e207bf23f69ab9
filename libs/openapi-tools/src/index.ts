export { parseDocument, readDocument, type OpenApiDocument } from './document.js';
export { openApiOverlay, parseOpenApiOverlay, type OpenApiOverlay } from './overlay.js';
export { openApiContracts } from './contracts.js';
export { openApiTools, type OpenApiToolsSettings } from './openapi-tools.js';
