import { randomUUID } from 'node:crypto';
import { defaultResource, detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';

export interface ServiceDescription {
  /** `service.name`, for example `orchestrator`. */
  readonly service: string;
  readonly version: string;
  /** `deployment.environment.name`, for example `production`. */
  readonly environment?: string;
}

/** One for the process, so that its traces and its metrics are known to be of the same instance. */
const INSTANCE = randomUUID();

/** Who sends: what the service says of itself goes before `OTEL_RESOURCE_ATTRIBUTES`. */
export function resourceOf({ service, version, environment }: ServiceDescription): Resource {
  const own = resourceFromAttributes({
    'service.name': service,
    'service.version': version,
    'service.instance.id': INSTANCE,
    ...(environment === undefined ? {} : { 'deployment.environment.name': environment }),
  });
  return defaultResource().merge(detectResources({ detectors: [envDetector] })).merge(own);
}
