import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { nameOf } from './objects.mjs';
import { PROMETHEUS_RULE_SCHEMA } from './prometheus-rules.mjs';

/** Definitions that are not the API server's own, under the name that it would give them. */
const CUSTOM = { 'prometheusrule-monitoring-v1.json': PROMETHEUS_RULE_SCHEMA };

/**
 * Returns a function that checks objects against the API server's schemas of one release: unknown fields, types,
 * required fields and enumerations. `folder` is that of `findSchemas`.
 */
export function schemaRules(folder, version) {
  const directory = join(folder, `v${version}-local-strict`);
  const read = (file) => JSON.parse(readFileSync(join(directory, file), 'utf8'));
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(read('_definitions.json'), 'https://kubernetes.io/api/_definitions.json');
  const validators = new Map();

  return (objects) => objects.flatMap((object) => {
    const file = `${object.kind.toLowerCase()}-${object.apiVersion.replace(/^([^./]*)(?:\.[^/]*)?\//, '$1-')}.json`;
    if (CUSTOM[file] === undefined && !existsSync(join(directory, file))) return [`${nameOf(object)}: Kubernetes ${version} has no ${object.kind} in ${object.apiVersion}`];
    if (!validators.has(file)) validators.set(file, ajv.compile(CUSTOM[file] ?? read(file)));
    const validate = validators.get(file);
    return validate(object) ? [] : validate.errors.map((error) => `${nameOf(object)}: ${error.instancePath || '/'} ${describe(error)} (Kubernetes ${version})`);
  });
}

function describe({ keyword, message, params }) {
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return `has the unknown field "${params.additionalProperty ?? params.unevaluatedProperty}"`;
  return message;
}
