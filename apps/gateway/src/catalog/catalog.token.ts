/** Injection token of the catalogue of agents and tools, whose contracts are at every moment those that count. */
export const CATALOG = Symbol('Catalog');
/** The catalogue together with the registry that keeps it up to date. */
export const OPENED_CATALOG = Symbol('OpenedCatalog');
