import { Command, CommanderError } from 'commander';
import { HoldfastError } from '@holdfast/contracts';
import { addAgentsCommands } from './commands/agents.js';
import { addApprovalsCommands } from './commands/approvals.js';
import { addBudgetsCommands } from './commands/budgets.js';
import { addInDoubtCommands } from './commands/in-doubt.js';
import { addKeysCommands } from './commands/keys.js';
import { addMemoryCommands } from './commands/memory.js';
import type { Means } from './commands/command.js';
import { addPolicyCommands } from './commands/policy.js';
import { addQuestionsCommands } from './commands/questions.js';
import { addRunCommands } from './commands/runs.js';
import { addSteeringCommands } from './commands/steering.js';
import { addThreadCommands } from './commands/threads.js';
import { addToolsCommands } from './commands/tools.js';
import { addWatchCommand } from './commands/watch.js';
import { addWhyCommand } from './commands/why.js';

/** Done; refused, or the gateway could not be asked; the command was not understood. */
export const EXIT = { done: 0, refused: 1, usage: 2 } as const;

/** Runs one command line and returns its exit code. Whatever is refused is told on `err`, with the remedy. */
export async function run(args: readonly string[], means: Means, err: (line: string) => void): Promise<number> {
  const program = new Command('holdfast').description('Starts tasks at an installation of Holdfast, looks at what becomes of them, and answers what waits for a person.\nReads HOLDFAST_GATEWAY_URL and HOLDFAST_API_KEY.')
    .exitOverride().configureOutput({ writeOut: (text) => means.terminal.out(text.trimEnd()), writeErr: (text) => err(text.trimEnd()) }).showHelpAfterError();
  for (const add of [addRunCommands, addWatchCommand, addWhyCommand, addSteeringCommands, addApprovalsCommands, addQuestionsCommands, addInDoubtCommands, addBudgetsCommands, addToolsCommands, addAgentsCommands, addThreadCommands, addMemoryCommands, addPolicyCommands, addKeysCommands]) add(program, means);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof HoldfastError)) throw error;
    err(`${error.message}\nWhat to do: ${error.remedy} (${error.code})`);
    return error.code === 'cli.usage' || error.code === 'cli.settings-missing' ? EXIT.usage : EXIT.refused;
  }
}
