/** The name under which the engine's own policies appear in errors and digests; no deployment's file can have it. */
export const BASE_FILE = 'holdfast:base.cedar';

/**
 * The information-flow rule, in force beside every deployment's own policies. Both are forbids, and in Cedar a forbid
 * always wins over a permit, so policies in files can be stricter and never looser.
 */
export const BASE_POLICIES = `// A destination or amount that only outside text names: no approval lifts this.
@id("holdfast.third-party-sink")
forbid (principal, action in Action::"call", resource)
when { context.effect != "read" && !context.thirdPartySinks.isEmpty() };

// A destination or amount that nobody vouches for: a person must confirm it.
@id("holdfast.unproven-sink")
forbid (principal, action in Action::"call", resource)
when { context.effect != "read" && !context.unprovenSinks.isEmpty() && !context.approved };
`;
