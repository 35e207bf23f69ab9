import { Argument } from 'commander';
import { candidatesFor } from '../completion/candidates.js';
import { SHELLS, type ShellName } from '../completion/shells.js';
import type { AddCommands } from './command.js';

/** What a shell needs to complete the words of a command line. */
export const addCompletionCommand: AddCommands = (program, { terminal }) => {
  program.command('completion').description('Prints what a shell runs at its start to complete commands, options and values: source <(holdfast completion bash). With words, what the last of them may become.')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS))).argument('[words...]', 'after "--": those after "holdfast"; the last may be empty')
    .action((shell: ShellName, words: readonly string[] = []) => {
      const { script, lineOf } = SHELLS[shell];
      if (words.length === 0) return terminal.out(script);
      for (const candidate of candidatesFor(program, words)) terminal.out(lineOf(candidate));
    });
};
