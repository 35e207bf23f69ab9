import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { openApiContracts, openApiTools, parseDocument, parseOpenApiOverlay } from '@holdfast/openapi-tools';
import type { ToolModule } from '@holdfast/tool-sdk';
import { models as scripted } from '../waiting/application.ts';
import { ACCEPTED } from './shop.ts';

/** An agent that orders by script, from a shop whose contract was read when the application was built. */
const document = await parseDocument(JSON.stringify(ACCEPTED), 'the shop');
const overlay = parseOpenApiOverlay(JSON.stringify({
  outputLabel: { trust: 'organisation', secrecy: 'internal' },
  tools: { shop_order: { operation: 'placeOrder', effect: 'keyed', identity: ['reference'], roles: { reference: 'target', quantity: 'content' }, quarantineAfter: 2, timeoutMs: 20_000 } },
}), 'the scenario');

export const agents: AgentModule['agents'] = [
  defineAgent({ name: 'buyer', instructions: 'Follow the script.', model: 'scripted', trustTier: 'trusted', taskTypes: ['com.example.buying'], inputTrust: { 'input.script': 'user' }, tools: ['shop_order'] }),
];
export const models: AgentModule['models'] = scripted;
export const contracts: ToolModule['contracts'] = openApiContracts(document, overlay);
export const tools: ToolModule['tools'] = ({ variables }) => {
  const url = variables['SHOP_URL'] ?? '';
  return openApiTools({ document, overlay, variables, baseUrl: new URL(url), describedAt: `${url}/openapi.json` });
};
