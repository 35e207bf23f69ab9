import type { Command } from 'commander';
import { EXIT_CODES } from './exit.js';

const BEGIN = '<!-- made from the program; HOLDFAST_WRITE_REFERENCE=1 writes it -->';
const END = '<!-- end -->';

/** The page with its tables of commands and exit codes as the program has them. */
export function withReference(page: string, program: Command): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  const commands = leaves(program).map(({ name, command }) => {
    const shown = command.options.map(({ flags }) => `\`${flags.replaceAll('|', '\\|')}\``).join(' ');
    const given = command.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}${argument.variadic ? '...' : ''}>` : `[${argument.name()}${argument.variadic ? '...' : ''}]`));
    return `| \`${[name, ...given].join(' ')}\` | ${command.description().replaceAll('|', '\\|')} | ${shown} |`;
  });
  const exits = Object.values(EXIT_CODES).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return [before.trimEnd(), '', BEGIN, '', '| command | | options |', '|---|---|---|', ...commands, '', '| exit code | |', '|---|---|', ...exits, '', END, after.replace(/^\n/, '')].join('\n');
}

/** Commands that do something, by their whole names. */
export function leaves(command: Command, path: readonly string[] = []): readonly { readonly name: string; readonly command: Command }[] {
  return command.commands.flatMap((child) => (child.commands.length === 0 ? [{ name: [...path, child.name()].join(' '), command: child }] : leaves(child, [...path, child.name()])));
}
