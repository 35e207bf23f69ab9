import { readFileSync } from 'node:fs';
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { addAgentsCommands } from './commands/agents.js';
import { addApprovalsCommands } from './commands/approvals.js';
import { addCanaryCommands } from './commands/canary.js';
import { addBulkCommand } from './commands/bulk.js';
import { addBudgetsCommands } from './commands/budgets.js';
import { addInDoubtCommands } from './commands/in-doubt.js';
import { addCompletionCommand } from './commands/completion.js';
import { addKeysCommands } from './commands/keys.js';
import { addMemoryCommands } from './commands/memory.js';
import type { AddCommands, Means } from './commands/command.js';
import { addLocalCommands } from './commands/local.js';
import { addPolicyCommands } from './commands/policy.js';
import { addProgramCommands } from './commands/programs.js';
import { addQuestionsCommands } from './commands/questions.js';
import { addRunCommands } from './commands/runs.js';
import { addStartCommand } from './commands/start.js';
import { addSteeringCommands } from './commands/steering.js';
import { addThreadCommands } from './commands/threads.js';
import { addTimeTravelCommands } from './commands/time-travel.js';
import { addToolsCommands } from './commands/tools.js';
import { addVerifyCommand } from './commands/verify.js';
import { addWatchCommand } from './commands/watch.js';
import { addWhyCommand } from './commands/why.js';
import { EXIT, EXIT_CODES, EndsWith, exitOf, shownError, usage } from './exit.js';

/** In the order in which the help lists them. */
const COMMANDS: readonly AddCommands[] = [
  addLocalCommands, addStartCommand, addRunCommands, addWatchCommand, addWhyCommand, addVerifyCommand, addSteeringCommands, addBulkCommand, addApprovalsCommands, addQuestionsCommands, addInDoubtCommands, addBudgetsCommands, addToolsCommands, addAgentsCommands, addCanaryCommands, addThreadCommands, addTimeTravelCommands, addMemoryCommands,
  addPolicyCommands, addKeysCommands, addProgramCommands, addCompletionCommand,
];

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };

/** All commands, with nothing run yet. */
export function programOf(means: Means): Command {
  const program = new Command('holdfast').version(version, '--version', 'prints the release')
    .description('Starts tasks at an installation of Holdfast, looks at what becomes of them, and answers what waits for a person.\nReads HOLDFAST_GATEWAY_URL and HOLDFAST_API_KEY; where neither is set, it takes the installation that "holdfast up" made in this folder or above.')
    .addHelpText('after', () => `\nExit codes:\n${Object.values(EXIT_CODES).map(([code, meaning]) => `  ${String(code).padEnd(3)} ${meaning}`).join('\n')}\n\nWith --json, results are JSON on the output and refusals one JSON object on the errors' stream: { code, message, retryable, remedy }.`)
    .exitOverride();
  for (const add of COMMANDS) add(program, means);
  return program;
}

/**
 * Runs one command line and returns its exit code; {@link EXIT_CODES} tells what they mean. Whatever is refused is told on `err`: for people
 * with the remedy, and as one JSON object where `--json` is given. Throws nothing.
 */
export async function run(args: readonly string[], means: Means, err: (line: string) => void): Promise<number> {
  const forPrograms = args.includes('--json');
  const program = programOf(means).showHelpAfterError();
  configure(program, { writeOut: (text) => means.terminal.out(text.trimEnd()), writeErr: (text) => void (forPrograms || err(text.trimEnd())) });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (thrown) {
    if (thrown instanceof EndsWith) return typeof thrown.exit === 'number' ? thrown.exit : EXIT[thrown.exit];
    const misread = thrown instanceof CommanderError;
    if (misread && thrown.exitCode === 0) return EXIT.done;
    const error = misread ? usage(thrown.message.replace(/^error: /, ''), '"holdfast --help" lists the commands, and "holdfast <command> --help" what one takes.') : shownError(thrown);
    if (forPrograms) err(JSON.stringify(error));
    else if (!misread) err(`${error.message}\nWhat to do: ${error.remedy} (${error.code})`);
    return exitOf(error);
  }
}

/** Commands were added before anybody said where they write. */
function configure(command: Command, output: OutputConfiguration): void {
  command.configureOutput(output).exitOverride();
  for (const child of command.commands) configure(child.showHelpAfterError(), output);
}
