import type { AgentCard } from '@a2a-js/sdk';

export const PROTOCOL_VERSION = '1.0';

/** What other agents are told of this installation; `url` is where it was asked. */
export function agentCard(url: string, version: string, types: Iterable<string>): AgentCard {
  return {
    name: 'Holdfast', version, provider: undefined, signatures: [],
    description: 'Runs tasks of agents durably. A task is known by its message\'s id: sent again, it is the same task.',
    supportedInterfaces: [{ url: `${url}/a2a`, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: PROTOCOL_VERSION }],
    capabilities: { streaming: true, pushNotifications: false, extensions: [], extendedAgentCard: false },
    securitySchemes: { bearer: { scheme: { $case: 'httpAuthSecurityScheme', value: { description: 'A key of this installation, or a token of an issuer that it trusts.', scheme: 'bearer', bearerFormat: '' } } } },
    securityRequirements: [{ schemes: { bearer: { list: [] } } }],
    defaultInputModes: ['text/plain', 'application/json'], defaultOutputModes: ['text/plain'],
    skills: [...types].sort().map((type) => ({
      id: type, name: type, description: `Tasks of the type ${type}. Name it as "type" in the message's metadata.`, tags: ['task'], examples: [], inputModes: [], outputModes: [], securityRequirements: [],
    })),
  };
}
