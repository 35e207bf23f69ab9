import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Role } from '@holdfast/contracts';

export const SERVICES = ['gateway', 'orchestrator', 'planner', 'policy', 'tool-adapters', 'memory', 'evals'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** A process of a service: the first has the service's own name, further ones a number from 2 behind it. */
export type InstanceName = ServiceName | `${ServiceName}-${number}`;

/** The names of a service's processes, `count` of them. */
export function instanceNames(service: ServiceName, count: number): readonly InstanceName[] {
  return Array.from({ length: count }, (_, index): InstanceName => (index === 0 ? service : `${service}-${index + 1}`));
}

/** The role on the bus of each service. */
export const ROLE_OF: Readonly<Record<ServiceName, Role>> = {
  gateway: 'gateway', orchestrator: 'orchestrator', planner: 'planner', policy: 'policy', 'tool-adapters': 'tools', memory: 'memory', evals: 'evals',
};

/** The repository's root: this file is three folders below it, as source and as build. */
export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/** The built entry point of a service. */
export function entryPoint(service: ServiceName): string {
  return join(REPOSITORY, 'apps', service, 'dist', 'main.js');
}
