import { EndsWith } from '../exit.js';
import type { ProgramName } from '../local/programs.js';
import type { AddCommands } from './command.js';

const COMMANDS: readonly (readonly [ProgramName, string])[] = [
  ['doctor', 'Looks at an installation by its broker, and tells what is wrong and how durable it really is; it changes nothing. Reads NATS_URL and the installer\'s other settings. Ends with 1 where something is wrong.'],
  ['eval', 'Runs an evaluation suite, also under faults (docs/evals.md). Ends with 1 where a case failed.'],
  ['bench', 'Measures the installation that this checkout makes (docs/benchmarks.md); --list tells what there is.'],
];

/** Programs of the checkout, each with its own arguments and exit codes. */
export const addProgramCommands: AddCommands = (program, { runProgram }) => {
  for (const [name, says] of COMMANDS) {
    program.command(name).description(says).argument('[arguments...]', 'handed on as they are').allowUnknownOption()
      .action(async (args: readonly string[] = []) => {
        // Loaded here, since no other command needs the launchers.
        const run = runProgram ?? (await import('../local/programs.js')).runProgram;
        const code = await run(name, args);
        if (code !== 0) throw new EndsWith(code);
      });
  }
};
