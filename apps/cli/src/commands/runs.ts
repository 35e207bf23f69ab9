import { z } from 'zod';
import { table, oneLine } from '../terminal.js';
import type { AddCommands } from './command.js';

const stored = z.looseObject({ runId: z.string(), duplicate: z.boolean() });
const run = z.looseObject({
  runId: z.string(), status: z.string(), standing: z.string(), goal: z.string(), reason: z.string().optional(), answer: z.string().optional(),
  waitsFor: z.array(z.looseObject({ for: z.string(), tool: z.string().optional(), callId: z.string().optional() })),
  undone: z.object({ done: z.array(z.string()), failed: z.array(z.object({ callId: z.string(), tool: z.string(), reason: z.string() })) }),
});

/** Runs: how one stands, and its end with everything undone. */
export const addRunCommands: AddCommands = (program, { gateway, terminal }) => {
  program.command('run').description('Shows how a run stands, what it waits for and what was undone.').argument('<run>').option('--json', 'as JSON')
    .action(async (id: string, { json }: { readonly json?: true }) => {
      const found = await gateway().get(`/v1/runs/${encodeURIComponent(id)}`, run);
      if (json === true) return terminal.out(JSON.stringify(found, null, 2));
      terminal.out(table(['run', 'status', 'standing', 'goal'], [[found.runId, found.status, found.standing, oneLine(found.goal)]]));
      for (const awaited of found.waitsFor) terminal.out(`waits for ${awaited.for}${awaited.tool === undefined ? '' : ` (${awaited.tool}, call ${awaited.callId ?? '?'})`}`);
      for (const callId of found.undone.done) terminal.out(`undone: call ${callId}`);
      for (const { callId, tool, reason } of found.undone.failed) terminal.out(`NOT undone: call ${callId} of ${tool}: ${oneLine(reason, 300)}`);
      if (found.reason !== undefined) terminal.out(`reason: ${oneLine(found.reason, 300)}`);
    });
  program.command('abort').description('Ends a run and undoes its completed effects, the last first.').argument('<run>').requiredOption('--reason <text>', 'why; it is kept in the log')
    .action(async (id: string, { reason }: { readonly reason: string }) => {
      const { duplicate } = await gateway().post(`/v1/runs/${encodeURIComponent(id)}/abort`, { reason }, stored);
      terminal.out(duplicate ? 'The run had been told before.' : `The abort is stored. "holdfast run ${id}" shows what was undone and what could not be.`);
    });
};
