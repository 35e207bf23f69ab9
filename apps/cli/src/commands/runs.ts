import { Option } from 'commander';
import { z } from 'zod';
import { table, oneLine } from '../terminal.js';
import type { AddCommands } from './command.js';
import { RUN_STATUSES } from './run-statuses.js';

const run = z.looseObject({
  runId: z.string(), status: z.string(), standing: z.string(), goal: z.string(), reason: z.string().optional(), answer: z.string().optional(),
  waitsFor: z.array(z.looseObject({ for: z.string(), tool: z.string().optional(), callId: z.string().optional() })),
  plan: z.looseObject({ replans: z.number(), steps: z.array(z.looseObject({ intention: z.string(), tools: z.array(z.string()), status: z.string() })), asks: z.looseObject({ tools: z.array(z.string()) }) }).optional(),
  undone: z.object({ done: z.array(z.string()), failed: z.array(z.object({ callId: z.string(), tool: z.string(), reason: z.string() })) }),
});
const list = z.looseObject({
  runs: z.array(z.looseObject({ runId: z.string(), status: z.string(), agent: z.string(), steps: z.number(), goal: z.string(), changedAt: z.number() })),
  next: z.string().optional(),
});

interface Filter {
  readonly status?: string;
  readonly agent?: string;
  readonly type?: string;
  readonly limit: string;
  readonly cursor?: string;
  readonly json?: true;
}

/** Runs: listing them, and how one stands. */
export const addRunCommands: AddCommands = (program, { gateway, terminal }) => {
  program.command('ls').description('Lists runs, those changed last first.').addOption(new Option('--status <status>', 'how they stand').choices(RUN_STATUSES)).option('--agent <name>').option('--type <type>', 'of the task').option('--limit <n>', 'how many', '20').option('--cursor <cursor>', 'where the page before ended').option('--json', 'as JSON')
    .action(async ({ json, ...filter }: Filter) => {
      const found = await gateway().get(`/v1/runs?${new URLSearchParams({ ...filter }).toString()}`, list);
      if (json === true) return terminal.out(JSON.stringify(found, null, 2));
      if (found.runs.length === 0) return terminal.out('There is no such run.');
      terminal.out(table(['run', 'status', 'agent', 'steps', 'changed', 'goal'], found.runs.map((one) => [one.runId, one.status, oneLine(one.agent), String(one.steps), new Date(one.changedAt).toISOString(), oneLine(one.goal, 60)]), terminal.columns));
      if (found.next !== undefined) terminal.out(`\nThere are more:  --cursor ${found.next}`);
    });
  program.command('show').description('Shows how a run stands, what it waits for and what was undone.').argument('<run>').option('--json', 'as JSON')
    .action(async (id: string, { json }: { readonly json?: true }) => {
      const found = await gateway().get(`/v1/runs/${encodeURIComponent(id)}`, run);
      if (json === true) return terminal.out(JSON.stringify(found, null, 2));
      terminal.out(table(['run', 'status', 'standing', 'goal'], [[found.runId, found.status, found.standing, oneLine(found.goal)]], terminal.columns));
      if (found.plan !== undefined) terminal.out(planText(found.plan));
      for (const awaited of found.waitsFor) terminal.out(`waits for ${awaited.for}${awaited.tool === undefined ? '' : ` (${awaited.tool}, call ${awaited.callId ?? '?'})`}`);
      for (const callId of found.undone.done) terminal.out(`undone: call ${callId}`);
      for (const { callId, tool, reason } of found.undone.failed) terminal.out(`NOT undone: call ${callId} of ${tool}: ${oneLine(reason, 300)}`);
      if (found.answer !== undefined) terminal.out(`answer: ${oneLine(found.answer, 600)}`);
      if (found.reason !== undefined) terminal.out(`reason: ${oneLine(found.reason, 300)}`);
    });
};

function planText({ replans, steps, asks }: NonNullable<z.infer<typeof run>['plan']>): string {
  const anew = replans === 0 ? '' : `, made anew ${replans} time${replans === 1 ? '' : 's'}`;
  const asked = asks.tools.length === 0 ? '' : `; a person confirms each call of ${oneLine(asks.tools.join(', '))}`;
  return [`plan${anew}${asked}:`, ...steps.map(({ intention, tools, status }, at) => `  ${at + 1}. ${status.padEnd(5)} ${oneLine(intention, 120)}${tools.length === 0 ? '' : `  (${oneLine(tools.join(', '), 120)})`}`)].join('\n');
}
