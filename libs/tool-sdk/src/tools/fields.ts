type Schema = Readonly<Record<string, unknown>>;

/** The members that have a value: one that is `undefined` would take the place of a default. */
export function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** The names of a tool's arguments, by its input schema. */
export function argumentsOf(input: Schema): readonly string[] {
  return Object.keys((input['properties'] ?? {}) as Schema);
}

/** Arguments that have no role, which policy could not judge, and roles of what is no argument, which are slips. */
export function unmatchedRoles(input: Schema, roles: Schema): { readonly unjudged: readonly string[]; readonly idle: readonly string[] } {
  const names = argumentsOf(input);
  return { unjudged: names.filter((name) => roles[name] === undefined), idle: Object.keys(roles).filter((name) => !names.includes(name)) };
}
