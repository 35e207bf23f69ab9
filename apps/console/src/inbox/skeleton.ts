type Schema = Readonly<Record<string, unknown>>;

const EMPTY: Readonly<Record<string, unknown>> = { string: '', number: 0, integer: 0, boolean: false, array: [], null: null };

/** A value of the shape that a JSON Schema asks for, with nothing in it yet, for somebody to fill in. */
export function skeletonOf(schema: Schema): unknown {
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  const first = [schema['anyOf'], schema['oneOf']].find(Array.isArray)?.[0] as Schema | undefined;
  if (first !== undefined) return skeletonOf(first);
  const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
  if (schema['type'] === 'object' || properties !== undefined) {
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    return Object.fromEntries(Object.entries(properties ?? {}).filter(([name]) => required.includes(name)).map(([name, member]) => [name, skeletonOf(member)]));
  }
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  return typeof type === 'string' ? (EMPTY[type] ?? {}) : {};
}
