/**
 * What the simulation can break in itself, to show that it would notice: each takes one of the guarantees away that the
 * product stands on. Nothing of the product is changed.
 */
export const WEAKNESSES = ['fence', 'dedupe', 'ledger', 'permit', 'durability', 'budget'] as const;
export type Weakness = (typeof WEAKNESSES)[number];
