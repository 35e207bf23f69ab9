/** Injection token of the catalogue of agents and tools. */
export const CATALOG = Symbol('Catalog');
