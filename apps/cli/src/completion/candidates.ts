import type { Argument, Command, Option } from 'commander';

/** A word that may come next, and what it is about; of values nothing is told. */
export interface Candidate {
  readonly word: string;
  readonly about: string;
}

interface Place {
  readonly command: Command;
  /** Arguments that are there already. */
  readonly given: number;
  /** The option whose value comes next. */
  readonly awaits?: Option | undefined;
  /** True after "--", which ends the options. */
  readonly onlyArguments: boolean;
}

/**
 * What the last of these words may become, from the program's own table: commands, options, and values where the table has them all. Nothing, where any
 * word may stand. The words are those after the program's name; "=" may be a word of its own, as bash takes an option and its value apart.
 */
export function candidatesFor(program: Command, words: readonly string[]): readonly Candidate[] {
  const joined = words.at(-1) === '=' ? [...words, ''] : words;
  const before = joined.slice(0, -1).filter((word) => word !== '=');
  const current = joined.at(-1) ?? '';
  const place = before.reduce(after, { command: program, given: 0, onlyArguments: false });
  return found(place, current).filter(({ word }) => word.startsWith(current));
}

function after({ command, given, awaits, onlyArguments }: Place, word: string): Place {
  const isOption = !onlyArguments && word.startsWith('-');
  if (awaits !== undefined && !isOption) return { command, given, awaits: awaits.variadic ? awaits : undefined, onlyArguments };
  if (isOption) return { command, given, awaits: word.includes('=') ? undefined : optionNamed(command, word), onlyArguments: word === '--' };
  const child = given === 0 ? command.commands.find((each) => each.name() === word) : undefined;
  return child === undefined ? { command, given: given + 1, onlyArguments } : { command: child, given: 0, onlyArguments };
}

function found({ command, given, awaits, onlyArguments }: Place, current: string): readonly Candidate[] {
  const isOption = !onlyArguments && current.startsWith('-');
  if (awaits !== undefined && !isOption) return valuesOf(awaits);
  if (isOption) return current.includes('=') ? valuesInOne(command, current) : optionsOf(command);
  if (given === 0 && command.commands.length > 0) return command.createHelp().visibleCommands(command).map((child) => ({ word: child.name(), about: child.description() }));
  const argument = argumentAt(command, given);
  return argument === undefined && !onlyArguments ? optionsOf(command) : valuesOf(argument);
}

const optionsOf = (command: Command): readonly Candidate[] => command.createHelp().visibleOptions(command).map((option) => ({ word: option.long ?? option.flags, about: option.description }));
const valuesOf = (taken: Option | Argument | undefined): readonly Candidate[] => (taken?.argChoices ?? []).map((word) => ({ word, about: '' }));

/** "--status=running" is one word. */
function valuesInOne(command: Command, current: string): readonly Candidate[] {
  const [name = ''] = current.split('=');
  return valuesOf(optionNamed(command, name)).map(({ word, about }) => ({ word: `${name}=${word}`, about }));
}

/** The option, where it takes a value. */
const optionNamed = (command: Command, word: string): Option | undefined => command.options.find(({ long, short, required, optional }) => (long === word || short === word) && (required || optional));

function argumentAt(command: Command, given: number): Argument | undefined {
  const taken = command.registeredArguments;
  const last = taken.at(-1);
  return taken[given] ?? (last?.variadic === true ? last : undefined);
}
