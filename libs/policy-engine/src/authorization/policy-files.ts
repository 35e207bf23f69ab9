import { checkParsePolicySet, policySetTextToParts, policyToJson, validate, type DetailedError, type SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { HoldfastError } from '@holdfast/contracts';

/** One policy of a file, as people refer to it. */
export interface LoadedPolicy {
  /** Its `@id`, else `<file>:<line>`. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly effect: 'permit' | 'forbid';
  /** Its `@reason`: one sentence for the people who read verdicts. */
  readonly reason: string | undefined;
  readonly text: string;
}

/**
 * Parses one file and validates it strictly against the schema.
 * Throws `policy.bad-file`, naming file and line, for text that does not parse, does not validate or is a template.
 */
export function readPolicyFile(file: string, text: string, schema: SchemaJson<string>): readonly LoadedPolicy[] {
  const parsed = checkParsePolicySet({ staticPolicies: text });
  if (parsed.type === 'failure') throw badFile(file, text, parsed.errors[0]);
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') throw badFile(file, text, parts.errors[0]);
  const answer = validate({ schema, policies: { staticPolicies: text } });
  if (answer.type === 'failure') throw badFile(file, text, answer.errors[0]);
  if (answer.validationErrors[0] !== undefined) throw badFile(file, text, answer.validationErrors[0].error);
  return parts.policies.map((part) => {
    const line = lineAt(text, text.indexOf(part));
    const json = policyToJson(part);
    if (json.type === 'failure') throw badFile(file, text, json.errors[0]);
    const annotations = json.json.annotations ?? {};
    return { id: annotations['id'] ?? `${file}:${line}`, file, line, effect: json.json.effect, reason: annotations['reason'], text: part };
  });
}

function badFile(file: string, text: string, error: DetailedError | undefined): HoldfastError {
  const location = error?.sourceLocations?.[0];
  // Cedar counts bytes of UTF-8.
  const line = location === undefined ? 1 : lineAt(new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, location.start)), Number.POSITIVE_INFINITY);
  const help = error?.help === null || error?.help === undefined ? '' : ` (${error.help})`;
  return new HoldfastError({
    code: 'policy.bad-file',
    message: `${file}:${line}: ${error?.message ?? 'the file cannot be read'}${help}`,
    retryable: false,
    remedy: 'Correct the policy at this line; until then the last good policies stay in force.',
  });
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, Math.max(0, offset)).split('\n').length;
}
