export const RATE_LIMIT = { calls: 10, perMs: 2_000 };
export const BREAKER = { failures: 3, openMs: 1_000 };
