import type { Command } from 'commander';
import { z } from 'zod';
import { usage } from '../exit.js';
import { oneLine, show as print, table } from '../terminal.js';
import { readJson } from './json-argument.js';
import type { AddCommands, Means } from './command.js';

const operation = z.looseObject({
  operation: z.string(), tool: z.string(), arguments: z.record(z.string(), z.unknown()), since: z.number(), reason: z.string(),
  calls: z.array(z.looseObject({ runId: z.string(), callId: z.string() })),
});
const list = z.looseObject({ operations: z.array(operation), more: z.boolean() });
const resolved = z.looseObject({ operation: z.string(), facts: z.array(z.looseObject({ runId: z.string(), duplicate: z.boolean() })) });

interface Resolution {
  readonly happened?: unknown;
  readonly didNotHappen?: true;
  readonly retry?: true;
  readonly comment: string;
  readonly json?: true;
}

/** Operations of which nobody knows whether they happened: they are listed, and a person says what was found out. */
export const addInDoubtCommands: AddCommands = (program, means) => {
  const command = program.command('in-doubt').description('Operations that may or may not have happened; their runs wait for a person\'s word.');
  command.command('list', { isDefault: true }).description('Lists them.').option('--json', 'as JSON').action((options: { readonly json?: true }) => show(options, means));
  addResolve(command, means);
  addResolve(program, means, ' Short for "in-doubt resolve".');
};

async function show({ json }: { readonly json?: true }, { gateway, terminal }: Means): Promise<void> {
  const found = await gateway().get('/v1/in-doubt', list);
  if (json === true) return terminal.out(JSON.stringify(found, null, 2));
  if (found.operations.length === 0) return terminal.out('Nothing is in doubt.');
  terminal.out(table(['operation', 'tool', 'since', 'runs', 'arguments'], found.operations.map((one) => [
    one.operation, one.tool, new Date(one.since).toISOString(), String(one.calls.length), oneLine(JSON.stringify(one.arguments)),
  ]), terminal.columns));
  for (const one of found.operations) terminal.out(`\n${one.operation}\n  ${oneLine(one.reason, 400)}`);
  if (found.more) terminal.out('\nThere are more.');
}

function addResolve(command: Command, { gateway, terminal }: Means, short = ''): void {
  command.command('resolve').description(`Says what was found out, in the system of record, about an operation; the word is recorded under your key's name and works once.${short}`)
    .argument('<operation>', 'as the list names it')
    .option('--happened <result>', 'it happened, and this JSON is its result, as the tool\'s output schema has it', readJson)
    .option('--did-not-happen', 'it did not happen; the agent is told so')
    .option('--retry', 'it did not happen; the call is judged by policy again and sent again')
    .option('--comment <text>', 'what you found and where', '').option('--json', 'as JSON')
    .action(async (id: string, { happened, didNotHappen, retry, comment, json }: Resolution) => {
      const said = [
        ...(happened === undefined ? [] : [{ resolution: 'happened', result: happened } as const]),
        ...(didNotHappen === undefined ? [] : [{ resolution: 'did-not-happen' } as const]),
        ...(retry === undefined ? [] : [{ resolution: 'retry' } as const]),
      ];
      const [word] = said;
      if (word === undefined || said.length > 1) throw usage('Say exactly one thing about the operation.', 'Use one of --happened <result>, --did-not-happen and --retry.');
      const answer = await gateway().post(`/v1/in-doubt/${encodeURIComponent(id)}`, { ...word, comment }, resolved);
      const { facts } = answer;
      print(terminal, json, answer, () => `Your word is stored for ${facts.length} ${facts.length === 1 ? 'run' : 'runs'}: ${facts.map(({ runId }) => runId).join(', ')}.`);
    });
}
