import { isObject, referenced } from '@holdfast/json-schema';
import type { Json, OpenApiDocument } from './document.js';

/**
 * A schema of a document as JSON Schema that stands alone: references become `#/$defs/…`, so that recursive schemas stay
 * finite, and everything that they need is collected in `defs`. What only servers set (`readOnly`) is left out of inputs.
 * Throws `Error` for a reference that leads nowhere.
 */
export function standAlone(document: OpenApiDocument, schema: unknown, side: 'input' | 'output', defs: Map<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((each) => standAlone(document, each, side, defs));
  if (!isObject(schema)) return schema;
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.replace(/^#\//, '').replaceAll('/', '.');
    if (!defs.has(name)) {
      const target = referenced(document, reference);
      if (target === undefined) throw new Error(`the reference "${reference}" leads nowhere`);
      defs.set(name, {});
      defs.set(name, standAlone(document, target, side, defs));
    }
    return { ...(standAlone(document, without(schema, '$ref'), side, defs) as Json), $ref: `#/$defs/${name}` };
  }
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    // These are of OpenAPI and mean nothing to JSON Schema; examples may hold what looks like a reference.
    if (['discriminator', 'xml', 'externalDocs', 'example', 'examples'].includes(key) || key.startsWith('x-')) continue;
    if (key === 'properties' && isObject(value)) copy[key] = propertiesOf(document, value, side, defs);
    else if (['enum', 'const', 'default', 'required'].includes(key)) copy[key] = value;
    else copy[key] = standAlone(document, value, side, defs);
  }
  if (Array.isArray(copy['required']) && isObject(schema['properties']) && isObject(copy['properties'])) {
    const [before, after] = [schema['properties'], copy['properties']];
    copy['required'] = copy['required'].filter((name) => typeof name === 'string' && (!Object.hasOwn(before, name) || Object.hasOwn(after, name)));
  }
  return copy;
}

function propertiesOf(document: OpenApiDocument, properties: Json, side: 'input' | 'output', defs: Map<string, unknown>): Json {
  const hidden = side === 'input' ? 'readOnly' : 'writeOnly';
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => !isObject(value) || value[hidden] !== true).map(([name, value]) => [name, standAlone(document, value, side, defs)]));
}

function without(schema: Json, key: string): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}
