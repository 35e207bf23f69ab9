import { defineAgent } from '@holdfast/agent-sdk';
import { RUNTIME_TOOLS, type Catalog } from '@holdfast/contracts';
import { loadBundle } from '@holdfast/policy-engine';
import { TOOLS } from '../schedule/schedule.ts';
import { contracts } from './tools.ts';

export const TENANT = 'acme';
export const ADAPTER = 'default';

const shared = { instructions: 'Do what the task says.', model: 'scripted', tools: [...TOOLS, ...RUNTIME_TOOLS.map(({ name }) => name)], trustTier: 'trusted', inputTrust: { 'input.amounts': 'user' } } as const;

/** The patient agent outlives every schedule, so that a run of it which does not end has got stuck. */
export const catalogue: Catalog = {
  agents: [
    defineAgent({ ...shared, tools: [...shared.tools], name: 'patient', taskTypes: ['patient'], budgets: { maxSteps: 12, deadlineSeconds: 3_600, approvalSeconds: 600 } }),
    defineAgent({ ...shared, tools: [...shared.tools], name: 'hasty', taskTypes: ['hasty'], budgets: { maxSteps: 2, deadlineSeconds: 4, approvalSeconds: 1 } }),
  ],
  tools: [...contracts, ...RUNTIME_TOOLS],
};

/** Above the first a person must approve, above the second nobody may. */
const POLICIES = `@id("simulation.calls")
@reason("The simulation may use its tools.")
permit (principal, action in Action::"call", resource);

@id("simulation.large")
@reason("A large order needs a person.")
forbid (principal, action in Action::"call", resource)
when { context.amount > 10000 && !context.approved };

@id("simulation.forbidden")
@reason("Nobody may order this much.")
forbid (principal, action in Action::"call", resource)
when { context.amount > 1000000 };
`;

/** What all runs of a schedule may ship together, so that some are refused. The window outlives every schedule. */
export const SHIPMENTS = { id: 'shipments', tools: ['ship'], windowSeconds: 31_536_000, maxCalls: 2 };

/** Compiled once for the thread: policies do not change within a schedule. */
export const bundle = loadBundle({ policies: { 'simulation.cedar': POLICIES, 'budgets.json': JSON.stringify({ limits: [SHIPMENTS] }) }, catalog: catalogue });

/** What the outside knows without asking anybody: which operations nobody may carry out, and which need a person. */
export const NEEDS_PERSON = 4;
export const FORBIDDEN = 5;

/** The one amount of an operation. Each is a number that occurs in nothing else, so that its origin is certain. */
export function amountOf(operation: number): number {
  const size = operation === FORBIDDEN ? 7_000_000 : operation === NEEDS_PERSON ? 70_000 : 700;
  return size + operation * 11;
}

export const operationName = (operation: number): string => `operation-${operation}`;
