import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { show } from '../terminal.js';
import { readJson } from './json-argument.js';
import { sayHowToRepeat } from './repeat.js';
import type { AddCommands } from './command.js';

const stored = z.looseObject({ runId: z.string(), duplicate: z.boolean() });

const CONTROLS = [
  ['cancel', 'Ends a run: nothing more is sent, and calls that are out are accounted for first.', 'The run is told to end.'],
  ['abort', 'Ends a run and undoes its completed effects, the last first.', 'The abort is stored: look at what was undone and what could not be.'],
  ['pause', 'Halts a run: nothing more is sent until it is resumed.', 'The run is told to halt.'],
  ['resume', 'Continues a paused run.', 'The run is told to go on.'],
] as const;

/** What people tell runs. */
export const addSteeringCommands: AddCommands = (program, { gateway, terminal }) => {
  for (const [name, says, done] of CONTROLS) {
    const command = program.command(name).description(says).argument('<run>');
    const reason = 'why; it is kept in the log';
    (name === 'abort' || name === 'cancel' ? command.requiredOption('--reason <text>', reason) : command.option('--reason <text>', reason, '')).option('--json', 'as JSON').action(async (id: string, { json, ...given }: { readonly reason: string; readonly json?: true }) => {
      const answer = await gateway().post(`/v1/runs/${encodeURIComponent(id)}/${name}`, given, stored);
      show(terminal, json, answer, () => answer.duplicate ? 'The run had been told before.' : `${done} "holdfast show ${id}" shows how it stands.`);
    });
  }
  program.command('signal').description('Tells a run something that it waits for.').argument('<run>').argument('<name>').argument('[payload]', 'any JSON', readJson, null)
    .option('--key <key>', 'signals with the same key are one; without it each counts').option('--json', 'as JSON')
    .action(async (id: string, name: string, payload: unknown, { key = randomUUID(), json }: { readonly key?: string; readonly json?: true }) => {
      const sent = gateway().post(`/v1/runs/${encodeURIComponent(id)}/signals/${encodeURIComponent(name)}`, payload, stored, { 'idempotency-key': key });
      const answer = await sayHowToRepeat(sent, `--key ${key}`);
      show(terminal, json, answer, () => (answer.duplicate ? 'The run had been told before.' : 'The run is told.'));
    });
};
