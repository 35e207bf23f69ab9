import { InvalidArgumentError } from 'commander';
import { plainText } from '../terminal.js';
import type { AddCommands } from './command.js';

const FORMATS: Readonly<Record<string, string>> = { text: 'text/plain', json: 'application/json', graph: 'text/vnd.mermaid' };

/** Why something was done: the causal chain from the log, whose hashes are checked while it is read. */
export const addWhyCommand: AddCommands = (program, { gateway, terminal }) => {
  program.command('why').description('Tells why a call was made or refused, or why a commit was: who asked, what the model was shown and said, what policy and people decided, and what came of it.').argument('<run>').argument('<what>', 'a call, such as c1-1, or the number of a commit')
    .option('--as <format>', 'text, json, or graph: a flowchart of Mermaid', readFormat, 'text/plain')
    .action(async (run: string, what: string, { as }: { readonly as: string }) => {
      const path = `/v1/runs/${encodeURIComponent(run)}/why`;
      const told = await gateway().text(/^\d+$/.test(what) ? `${path}/${what}` : `${path}?effect=${encodeURIComponent(what)}`, as);
      terminal.out(as === 'application/json' ? JSON.stringify(JSON.parse(told), null, 2) : plainText(told).trimEnd());
    });
};

function readFormat(name: string): string {
  const type = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (type === undefined) throw new InvalidArgumentError(`It must be one of ${Object.keys(FORMATS).join(', ')}.`);
  return type;
}
