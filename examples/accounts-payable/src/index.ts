export { application, companyProgram } from './application.js';
export type { CompanyAudit } from './company/audit.js';
export { GatewayClient, type ListedRun, type RunDetail } from './demo/gateway-client.js';
export { TaskPublisher } from './demo/publisher.js';
export { World } from './demo/world.js';
export { readExpectedOutcomes, readInvoiceEvents, type InvoiceEvent } from './example-data.js';
