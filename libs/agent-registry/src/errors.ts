import { HoldfastError, type AgentRevocation, type AgentVersion, type CanaryEnd } from '@holdfast/contracts';

const named = ({ name, digest }: AgentVersion): string => `version ${digest.slice(0, 12)} of the agent "${name}"`;

export function agentUnknown(name: string): HoldfastError {
  return new HoldfastError({ code: 'agent.unknown', message: `There is no agent "${name}".`, retryable: false, remedy: 'GET /v1/agents lists the agents.' });
}

export function versionUnknown(version: AgentVersion): HoldfastError {
  return new HoldfastError({ code: 'agent.version-unknown', message: `There is no ${named(version)}.`, retryable: false, remedy: 'Publish it first, or name one that GET /v1/agents lists, with its whole digest.' });
}

export function versionRevoked(version: AgentVersion, { by, reason }: AgentRevocation): HoldfastError {
  return new HoldfastError({ code: 'agent.version-revoked', message: `${by} has revoked ${named(version)}: ${reason}`, retryable: false, remedy: 'Publish another version, and route tasks to that.' });
}

export function routeChanged(name: string, seen: number, present: number): HoldfastError {
  return new HoldfastError({ code: 'agent.route-changed', message: `The route of "${name}" is ${present}, and not ${seen} any more.`, retryable: false, remedy: 'Look at the present route, and set it anew.' });
}

export function notSealed({ name, digest }: AgentVersion): HoldfastError {
  return new HoldfastError({ code: 'agent.not-sealed', message: `The digest ${digest.slice(0, 12)} of the agent "${name}" is not that of its declaration.`, retryable: false, remedy: 'Generate the declaration again with defineAgent, or from its file.' });
}

export function unavailable(what: string): HoldfastError {
  return new HoldfastError({ code: 'agent.registry-unavailable', message: `The registry of agents did not take ${what}.`, retryable: true, remedy: 'Try again; if it lasts, check the broker and its stream AGENTS.' });
}

export function canaryUnknown(id: string): HoldfastError {
  return new HoldfastError({ code: 'canary.unknown', message: `There is no canary "${id}".`, retryable: false, remedy: 'GET /v1/canaries lists them.' });
}

export function canaryIdTaken(id: string): HoldfastError {
  return new HoldfastError({ code: 'canary.id-taken', message: `There is another canary "${id}".`, retryable: false, remedy: 'Give the new one an id of its own.' });
}

export function canaryEnded(id: string, { outcome, by }: CanaryEnd): HoldfastError {
  return new HoldfastError({ code: 'canary.ended', message: `The canary "${id}" has ended: ${outcome}, by ${by}.`, retryable: false, remedy: 'Declare another one, or set the agent\'s route.' });
}
