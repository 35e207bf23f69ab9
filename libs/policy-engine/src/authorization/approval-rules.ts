import { HoldfastError, approvalNeeds, personRole, type ApprovalNeeds } from '@holdfast/contracts';
import { z } from 'zod';

/** The file beside the policies that holds them. */
export const APPROVALS_FILE = 'approvals.json';

const score = z.number().int().min(1).max(100);

/**
 * What a deployment wants of approvals, beside what its policies ask for. From a score of `risk.approve` on (0 to 100, as the
 * verdict tells it) a person is asked, from `twoPersons` on two, of whom none is the requester, and from `deny` on nothing helps.
 */
export const approvalRules = z
  .strictObject({
    risk: z.strictObject({ approve: score.optional(), twoPersons: score.optional(), deny: score.optional() }).default({}),
    /** Who may agree: anybody with one of these roles. Anybody who may answer approvals when left out. */
    roles: z.array(personRole).min(1).max(32).optional(),
    escalation: approvalNeeds.shape.escalation,
  })
  .check((context) => {
    const { approve, twoPersons, deny } = context.value.risk;
    const given = [approve, twoPersons, deny].filter((one) => one !== undefined);
    if (given.some((one, at) => at > 0 && one <= (given[at - 1] ?? 0))) context.issues.push({ code: 'custom', message: 'the scores must rise from "approve" over "twoPersons" to "deny"', input: context.value.risk });
  });
export type ApprovalRules = z.infer<typeof approvalRules>;

export const NO_RULES: ApprovalRules = { risk: {} };

/** Reads the text of the file. Throws `policy.bad-approvals`, which names what is wrong. */
export function readApprovalRules(text: string | undefined): ApprovalRules {
  if (text === undefined) return NO_RULES;
  const invalid = (reason: string): HoldfastError => new HoldfastError({ code: 'policy.bad-approvals', message: `${APPROVALS_FILE} is wrong: ${reason}.`, retryable: false, remedy: 'Correct it; docs/approvals.md describes the form.' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
  const parsed = approvalRules.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.slice(0, 5).map(({ path, message }) => `"${path.map(String).join('.')}": ${message}`).join('; '));
}

/** Who has to agree to a call of this risk. */
export function needsOf({ risk: { twoPersons = Infinity }, roles, escalation }: ApprovalRules, risk: number): ApprovalNeeds {
  return { persons: risk >= twoPersons ? 2 : 1, ...(roles === undefined ? {} : { roles }), ...(escalation === undefined ? {} : { escalation }) };
}
