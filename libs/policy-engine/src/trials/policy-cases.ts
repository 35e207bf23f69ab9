import { HoldfastError, digest, memoryScopes, personRole, sharedScopes, secrecy, toolName, trust, verdictOutcome, vouchedValue } from '@holdfast/contracts';
import { z } from 'zod';
import { authorizeCall } from '../authorization/authorize-call.js';
import type { PolicyBundle } from '../authorization/bundle.js';
import { ToldRun } from './told-run.js';

const call = z.strictObject({ tool: toolName, arguments: z.record(z.string(), z.unknown()).default({}) });

/** One row of a table of policy tests: what a run has read, what is asked of policy, and what it must say. */
const policyCase = z.strictObject({
  name: z.string().min(1),
  agent: z.string().min(1),
  task: z.strictObject({ type: z.string().min(1), goal: z.string().min(1), input: z.record(z.string(), z.unknown()).default({}), requester: z.string().default('tester'), requesterRoles: z.array(personRole).default([]), scope: z.array(toolName).optional(), memoryScopes: memoryScopes.optional(), labels: z.record(z.string(), z.strictObject({ trust: trust.optional(), secrecy: secrecy.optional() })).default({}) }),
  /** The version of the agent with which the run was accepted, by its digest; the present one when left out. */
  agentVersion: digest.optional(),
  /** Calls that were made before, in order. */
  observed: z.array(call.extend({ result: z.unknown() })).default([]),
  /** Values of calls that were asked about before, for which a person vouched. */
  endorsed: z.array(call.extend({ values: z.array(vouchedValue).min(1), by: z.string().default('tester') })).default([]),
  call,
  /** Who has approved exactly this call: a name, or one or two people with the roles that they have. */
  approvedBy: z.union([z.string(), z.array(z.strictObject({ by: z.string(), roles: z.array(personRole).default([]) })).min(1).max(2)]).optional(),
  expect: verdictOutcome,
  /** Stands in the reasons. */
  because: z.string().optional(),
  /** Ids of policies that decide it, among others. */
  policies: z.array(z.string()).optional(),
});

/** The form of a file of policy tests. */
export const policyCases = z.strictObject({ environment: z.string().default('test'), tenant: z.string().default('default'), cases: z.array(policyCase).min(1) });
export type PolicyCases = z.infer<typeof policyCases>;

/** How a case ended; `wrong` says what was otherwise than expected, and is empty when nothing was. */
export interface CaseResult {
  readonly name: string;
  readonly wrong: readonly string[];
  readonly outcome: string;
  readonly reasons: readonly string[];
}

/** Judges every case under a bundle. Throws `policy.case-invalid` for a case that names an agent or a tool that there is not. */
export function runPolicyCases(bundle: PolicyBundle, { environment, tenant, cases }: PolicyCases): readonly CaseResult[] {
  return cases.map((one): CaseResult => {
    const agent = bundle.agents.get(one.agent);
    if (agent === undefined) throw invalid(one.name, `there is no agent "${one.agent}"`);
    const run = new ToldRun(agent, one.task);
    for (const { tool, arguments: args, result } of one.observed) {
      const contract = bundle.tools.get(tool)?.contract;
      if (contract === undefined) throw invalid(one.name, `there is no tool "${tool}"`);
      run.observe(contract, args, result);
    }
    for (const { tool, arguments: args, values, by } of one.endorsed) run.endorse(tool, args, values, by);
    const { outcome, reasons, policies } = authorizeCall(bundle, {
      call: { callId: 'tried', requestId: 'tried', tool: one.call.tool, arguments: one.call.arguments }, agent, ...(one.agentVersion === undefined ? {} : { agentVersion: one.agentVersion }), tenant, task: one.task, environment, index: run.index,
      memoryScopes: sharedScopes(agent.memoryScopes, one.task.memoryScopes ?? agent.memoryScopes),
      ...(one.approvedBy === undefined ? {} : { approvers: typeof one.approvedBy === 'string' ? [{ by: one.approvedBy, roles: [] }] : one.approvedBy }),
    });
    const missing = (one.policies ?? []).filter((id) => !policies.includes(id));
    return {
      name: one.name, outcome, reasons,
      wrong: [
        ...(outcome === one.expect ? [] : [`is "${outcome}" and not "${one.expect}"`]),
        ...(one.because === undefined || reasons.some((reason) => reason.includes(one.because ?? '')) ? [] : [`does not say "${one.because}"`]),
        ...(missing.length === 0 ? [] : [`is not decided by ${missing.join(', ')} but by ${policies.join(', ') || 'no policy'}`]),
      ],
    };
  });
}

function invalid(name: string, reason: string): HoldfastError {
  return new HoldfastError({ code: 'policy.case-invalid', message: `The case "${name}" cannot be tried: ${reason}.`, retryable: false, remedy: 'Correct the case, or give the catalogue that it is about.' });
}
