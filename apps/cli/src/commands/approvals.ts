import type { Command } from 'commander';
import { HoldfastError } from '@holdfast/contracts';
import { z } from 'zod';
import { oneLine, show, table } from '../terminal.js';
import { readObject } from './json-argument.js';
import type { AddCommands, Means } from './command.js';

const origin = z.looseObject({ argument: z.string(), role: z.string(), trust: z.string(), source: z.string(), excerpt: z.string() });
const waiting = z.looseObject({
  runId: z.string(), approvalId: z.string(), tool: z.string(), arguments: z.record(z.string(), z.unknown()), reasons: z.array(z.string()), goal: z.string(), expiresAt: z.number(),
  risk: z.looseObject({ score: z.number(), factors: z.array(z.string()) }).optional(),
  origins: z.array(origin).optional(),
  needs: z.looseObject({ persons: z.number(), roles: z.array(z.string()).optional() }).optional(),
  counted: z.looseObject({ by: z.string() }).optional(),
  escalatedTo: z.array(z.string()).optional(),
});
type Waiting = z.infer<typeof waiting>;
const list = z.looseObject({ approvals: z.array(waiting), more: z.boolean() });
const stored = z.looseObject({ duplicate: z.boolean() });

interface Said {
  readonly comment: string;
  readonly json?: true;
}

/** Calls that wait for a person: they are shown as the engine describes them, never as the model does, and answered. */
export const addApprovalsCommands: AddCommands = (program, means) => {
  const command = program.command('approvals').description('Calls that wait for a person\'s consent.');
  command.command('list', { isDefault: true }).description('Lists them.').option('--json', 'as JSON').action((options: { readonly json?: true }) => showAll(options, means));
  on(command, 'show', 'Shows one: what would be done, why a person is asked, and where each value comes from.').option('--json', 'as JSON')
    .action(async (runId: string, approvalId: string, { json }: { readonly json?: true }) => {
      const found = (await means.gateway().get('/v1/approvals?limit=200', list)).approvals.find((one) => one.runId === runId && one.approvalId === approvalId);
      if (found === undefined) throw new HoldfastError({ code: 'approval.unknown', message: `The run ${oneLine(runId)} does not wait for the approval ${oneLine(approvalId)}.`, retryable: false, remedy: '"holdfast approvals" lists what waits.' });
      means.terminal.out(json === true ? JSON.stringify(found, null, 2) : told(found));
    });
  for (const [name, answer, says] of [['approve', 'approved', 'Agrees to exactly this call.'], ['reject', 'rejected', 'Refuses it; the agent is told so.']] as const) {
    // The two that are said most are commands of their own, too.
    for (const [parent, shown] of [[command, says], [program, `${says} Short for "approvals ${name}".`]] as const) {
      on(parent, name, shown).option('--comment <text>', 'why; the agent reads it', '').option('--json', 'as JSON').action((runId: string, approvalId: string, { comment, json }: Said) => give(means, runId, approvalId, { answer, comment }, json));
    }
  }
  on(command, 'edit', 'Changes what the call is made with. It is judged anew; you vouch for the values that you change.').requiredOption('--arguments <json>', 'all arguments, as JSON', readObject).option('--comment <text>', 'why', '').option('--json', 'as JSON')
    .action((runId: string, approvalId: string, { comment, arguments: args, json }: Said & { readonly arguments: unknown }) => give(means, runId, approvalId, { answer: 'edited', comment, arguments: args }, json));
  on(command, 'endorse', 'Vouches for values, in calls of this tool for the rest of the run. The call is judged anew.').requiredOption('--values <paths...>', 'arguments, such as iban or to.0').option('--comment <text>', 'why', '').option('--json', 'as JSON')
    .action((runId: string, approvalId: string, { comment, values, json }: Said & { readonly values: readonly string[] }) => give(means, runId, approvalId, { answer: 'endorsed', comment, endorse: values }, json));
};

const on = (command: Command, name: string, description: string): Command => command.command(name).description(description).argument('<run>').argument('<approval>', 'as the list names it');

async function showAll({ json }: { readonly json?: true }, { gateway, terminal }: Means): Promise<void> {
  const found = await gateway().get('/v1/approvals', list);
  if (json === true) return terminal.out(JSON.stringify(found, null, 2));
  if (found.approvals.length === 0) return terminal.out('Nothing waits for a person.');
  terminal.out(table(['run', 'approval', 'tool', 'risk', 'until', 'why'], found.approvals.map((one) => [one.runId, one.approvalId, one.tool, String(one.risk?.score ?? ''), new Date(one.expiresAt).toISOString(), oneLine(one.reasons.join(' '), 120)]), terminal.columns));
  if (found.more) terminal.out('\nThere are more.');
}

function told({ runId, approvalId, tool, arguments: args, reasons, goal, expiresAt, risk, origins = [], needs, counted, escalatedTo }: Waiting): string {
  const lines = [`${tool} for the run ${runId}, whose task is: ${oneLine(goal, 300)}`, ...Object.entries(args).map(([name, value]) => `  ${oneLine(name)}: ${oneLine(JSON.stringify(value), 300)}`), 'Why a person is asked:', ...reasons.map((reason) => `  ${oneLine(reason, 600)}`)];
  if (risk !== undefined) lines.push(`Risk ${risk.score} of 100: ${risk.factors.map((factor) => oneLine(factor)).join('; ')}.`);
  if (origins.length > 0) lines.push('Where the values come from:', ...table(['argument', 'role', 'trust', 'source', 'text around it'], origins.map((one) => [one.argument, one.role, one.trust, one.source, one.excerpt].map((cell) => oneLine(cell, 80)))).split('\n').map((line) => `  ${line}`));
  if (needs !== undefined && needs.persons > 1) lines.push(counted === undefined ? 'Two people have to agree.' : `Two people have to agree, and ${oneLine(counted.by)} has.`);
  if (needs?.roles !== undefined) lines.push(`Who may agree: ${[...needs.roles, ...(escalatedTo ?? [])].map((role) => oneLine(role)).join(', ')}.`);
  return [...lines, `Until ${new Date(expiresAt).toISOString()}:  holdfast approve ${runId} ${approvalId}`].join('\n');
}

async function give({ gateway, terminal }: Means, runId: string, approvalId: string, body: Readonly<Record<string, unknown>>, json: true | undefined): Promise<void> {
  const answer = await gateway().post(`/v1/runs/${encodeURIComponent(runId)}/approvals/${encodeURIComponent(approvalId)}`, body, stored);
  show(terminal, json, answer, () => (answer.duplicate ? 'That was said already.' : 'Recorded.'));
}
