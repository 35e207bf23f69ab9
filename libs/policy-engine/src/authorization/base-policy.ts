/** The name under which the engine's own policies appear in errors and digests; no deployment's file can have it. */
export const BASE_FILE = 'holdfast:base.cedar';

/**
 * The information-flow rules, in force beside every deployment's own policies. All are forbids, and in Cedar a forbid
 * always wins over a permit, so policies in files can be stricter and never looser.
 */
export const BASE_POLICIES = `// A destination or amount that only outside text names: a person may let it pass for an agent of the tier "trusted" alone.
@id("holdfast.third-party-sink")
forbid (principal, action in Action::"call", resource)
when { !context.thirdPartySinks.isEmpty() && !(context.approved && context.trustTier == "trusted") };

// A destination or amount that nobody vouches for: a person must confirm it.
@id("holdfast.unproven-sink")
forbid (principal, action in Action::"call", resource)
when { !context.unprovenSinks.isEmpty() && !context.approved };

// Something is changed that the requester did not name and this run did not create: a person must confirm it.
@id("holdfast.unnamed-target")
forbid (principal, action in Action::"call", resource)
when { !context.untrustedTargets.isEmpty() && !context.approved };

// Something secret may be in what goes to a destination, or where others read it: a person must confirm it.
@id("holdfast.secret-content")
forbid (principal, action in Action::"call", resource)
when { !context.secretContent.isEmpty() && !context.approved };

// The requester has no part in the call, or it does once more what they asked for once: it may be an outsider's wish.
@id("holdfast.unasked-act")
forbid (principal, action in Action::"call", resource)
when { context.unasked && !context.approved };
`;
