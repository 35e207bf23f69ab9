import { Option } from 'commander';
import { plainText } from '../terminal.js';
import type { AddCommands } from './command.js';

const FORMATS = { text: 'text/plain', json: 'application/json', graph: 'text/vnd.mermaid' } as const;

/** Why something was done: the causal chain from the log, whose hashes are checked while it is read. */
export const addWhyCommand: AddCommands = (program, { gateway, terminal }) => {
  program.command('why').description('Tells why a call was made or refused, or why a commit was: who asked, what the model was shown and said, what policy and people decided, and what came of it.').argument('<run>').argument('<what>', 'a call, such as c1-1, or the number of a commit')
    .addOption(new Option('--as <format>', 'graph is a flowchart of Mermaid').choices(Object.keys(FORMATS)).default('text'))
    .action(async (run: string, what: string, { as }: { readonly as: keyof typeof FORMATS }) => {
      const path = `/v1/runs/${encodeURIComponent(run)}/why`;
      const told = await gateway().text(/^\d+$/.test(what) ? `${path}/${what}` : `${path}?effect=${encodeURIComponent(what)}`, FORMATS[as]);
      terminal.out(as === 'json' ? JSON.stringify(JSON.parse(told), null, 2) : plainText(told).trimEnd());
    });
};
