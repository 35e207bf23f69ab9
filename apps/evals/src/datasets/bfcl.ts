import { z } from 'zod';
import type { Json } from '@holdfast/contracts';
import type { ArgumentPattern, ExpectedCalls } from '../scoring/expected-calls.js';
import { taskOf, toolNameOf, type DatasetCase } from './dataset-case.js';
import { readPythonCall } from './python-literal.js';
import { datasetInvalid, readRecords, type DatasetRecord } from './read-records.js';

const message = z.looseObject({ role: z.string(), content: z.string() });
const functionDoc = z.looseObject({ name: z.string().min(1), description: z.string().default(''), parameters: z.looseObject({ properties: z.record(z.string(), z.looseObject({})).default({}) }) });
type FunctionDoc = z.infer<typeof functionDoc>;

/** A question: turns of messages. Multi-turn questions name classes whose functions are documented in files of their own. */
const question = z.looseObject({ id: z.string().min(1), question: z.array(z.array(message).min(1, 'has no message: turns that do nothing but offer further functions cannot be played')).min(1), function: z.array(functionDoc).default([]) });

/** For each function its arguments, each with the values that are right; `""` among them means that it may be left out. */
const answered = z.record(z.string(), z.record(z.string(), z.array(z.json())));
/** Calls with their acceptable values; or, for each turn, calls as Python writes them. */
const possibleAnswer = z.looseObject({ id: z.string().min(1), ground_truth: z.union([z.array(answered), z.array(z.array(z.string()))], { error: 'must be a list of { function: { argument: [values] } } or, for each turn, a list of calls' }) });

export interface BfclFiles {
  readonly questions: string;
  /** The `possible_answer` file. */
  readonly answers: string;
  /** Files of function documents, for multi-turn questions whose answers leave names of arguments out. */
  readonly functions?: readonly string[] | undefined;
}

/**
 * Cases of files in the format of BFCL, the Berkeley Function Calling Leaderboard. A question of several turns becomes a case for each
 * turn, `id/1`, `id/2` and so on, in one thread. A turn's messages that are not the user's stand before its goal, by their roles. Throws as {@link readRecords}.
 */
export async function readBfcl({ questions: file, answers: answersFile, functions = [] }: BfclFiles): Promise<readonly DatasetCase[]> {
  const [questions, answers, ...docs] = await Promise.all([readRecords(file, question), readRecords(answersFile, possibleAnswer), ...functions.map((each) => readRecords(each, functionDoc))]);
  const known = docs.flat().map(({ value }) => value);
  const byId = new Map(answers.map((answer) => [answer.value.id, answer]));
  return questions.flatMap(({ value: { id, question: turns, function: own }, line }) => {
    const answer = byId.get(id);
    if (answer === undefined) throw datasetInvalid([`${file}:${line} id: "${id}" has no answer in ${answersFile}`]);
    const wanted = callsOf(answer, [...own, ...known]);
    if (wanted.length !== turns.length) throw datasetInvalid([`${answer.file}:${answer.line} ground_truth: has ${wanted.length} turns where the question has ${turns.length}`]);
    return turns.map((messages, turn): DatasetCase => {
      const name = turns.length === 1 ? id : `${id}/${turn + 1}`;
      return { name, event: taskOf('bfcl', name, goalOf(messages), turns.length === 1 ? {} : { thread: toolNameOf(id) }), expect: { calls: wanted[turn] } };
    });
  });
}

function goalOf(messages: readonly z.infer<typeof message>[]): string {
  return messages.map(({ role, content }) => (role === 'user' ? content : `${role}: ${content}`)).join('\n');
}

/** What is expected of each turn. */
function callsOf({ value: { ground_truth: truth }, file, line }: DatasetRecord<z.infer<typeof possibleAnswer>>, docs: readonly FunctionDoc[]): readonly ExpectedCalls[] {
  const isByTurn = (given: typeof truth): given is string[][] => given.some(Array.isArray);
  if (!isByTurn(truth)) return [{ calls: (truth as z.infer<typeof answered>[]).flatMap((entry) => Object.entries(entry).map(([name, values]) => ({ tool: toolNameOf(name), arguments: patternsOf(values) }))), inOrder: false, looseTexts: true }];
  return truth.map((turn, at) => ({ inOrder: true, looseTexts: true, calls: turn.map((text) => writtenCall(text, docs, (why) => datasetInvalid([`${file}:${line} ground_truth.${at}: ${JSON.stringify(text)} ${why}`]))) }));
}

function patternsOf(values: Readonly<Record<string, readonly Json[]>>): Readonly<Record<string, ArgumentPattern>> & Record<string, ArgumentPattern> {
  return Object.fromEntries(Object.entries(values).map(([name, options]) => [name, patternOf(options)]));
}

/** An object whose members are all lists has members with acceptable values of their own. */
function patternOf(options: readonly Json[]): ArgumentPattern {
  const isNested = (option: Json): option is Record<string, Json[]> => option !== null && typeof option === 'object' && !Array.isArray(option) && Object.values(option).every(Array.isArray);
  const members = options.filter(isNested).map(patternsOf);
  return { oneOf: options.filter((option) => !isNested(option)), ...(members.length === 0 ? {} : { members }), optional: options.includes('') };
}

function writtenCall(text: string, docs: readonly FunctionDoc[], wrong: (why: string) => Error): ExpectedCalls['calls'][number] {
  const call = readPythonCall(text);
  if (call === undefined) throw wrong('is no call with literal arguments');
  const names = Object.keys(docs.find(({ name }) => name === call.name)?.parameters.properties ?? {});
  if (call.positional.length > names.length) throw wrong(`has arguments without names, and no document of "${call.name}" names them`);
  const given = { ...Object.fromEntries(call.positional.map((value, index) => [names[index], value])), ...call.named };
  return { tool: toolNameOf(call.name), arguments: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { oneOf: [value as Json], optional: false }])) };
}
