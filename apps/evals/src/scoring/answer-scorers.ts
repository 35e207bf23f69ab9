import type { RunEvent, RunEventOf } from '@holdfast/contracts';
import { compileCheck } from '@holdfast/json-schema';
import { show } from './matching.js';
import { fail, pass, type Verdict } from './verdict.js';

/** The answer, read as JSON, by a JSON Schema (draft 2020-12). A schema that cannot be used fails the case. */
export function scoreAnswerSchema(events: readonly RunEvent[], schema: Readonly<Record<string, unknown>>): Verdict {
  const answer = answerOf(events);
  if (answer === undefined) return fail('answer-schema', 'the run gave no answer');
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    return fail('answer-schema', `the answer ${show(answer)} is not JSON`);
  }
  try {
    const checked = compileCheck(schema, 'the answer')(value);
    return checked.ok ? pass('answer-schema', 'the answer is as the schema says') : fail('answer-schema', `the answer ${show(value)}: ${checked.faults.join('; ')}`);
  } catch (error) {
    return fail('answer-schema', error instanceof Error ? error.message : String(error));
  }
}

/** Each text must occur in the answer, in large or small letters, with or without commas in numbers, as tau-bench looks for outputs. */
export function scoreMentions(events: readonly RunEvent[], texts: readonly string[]): readonly Verdict[] {
  const answer = answerOf(events) ?? '';
  const plain = (text: string): string => text.toLowerCase().replaceAll(',', '');
  return texts.map((text) => (plain(answer).includes(plain(text)) ? pass('mentions', `the answer has ${show(text)}`) : fail('mentions', `the answer ${show(answer)} does not have ${show(text)}`)));
}

function answerOf(events: readonly RunEvent[]): string | undefined {
  return events.findLast((event): event is RunEventOf<'run-ended'> => event.type === 'run-ended')?.answer;
}
