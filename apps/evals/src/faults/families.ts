/** The five kinds of trouble that an agent has to be shown to come through. */
export const FAMILIES = ['retry', 'crash', 'schema', 'adversarial', 'latency'] as const;
export type Family = (typeof FAMILIES)[number];
