import { readFile, stat } from 'node:fs/promises';
import { LineCounter, isNode, isSeq, parseDocument } from 'yaml';
import type { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';

const MAXIMUM_FILE_BYTES = 100_000_000;
const SHOWN_PROBLEMS = 20;

/** One record of a dataset's file, with the line on which it stands. */
export interface DatasetRecord<T> {
  readonly value: T;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

interface Raw {
  readonly value: unknown;
  readonly line: number;
}

/**
 * Reads a file of records, JSON lines or one JSON list, and checks each of them. Throws `dataset.unreadable`, and
 * `dataset.invalid`, whose message has one line for each thing that is wrong: `file:line field: what`.
 */
export async function readRecords<T>(file: string, schema: z.ZodType<T>): Promise<readonly DatasetRecord<T>[]> {
  const text = await readText(file);
  const problems: string[] = [];
  const records = (text.trimStart().startsWith('[') ? ofList(text, file) : ofLines(text, file)).flatMap(({ value, line }): DatasetRecord<T>[] => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return [{ value: parsed.data, file, line }];
    problems.push(...parsed.error.issues.map(({ path, message }) => `${file}:${line} ${path.map(String).join('.') || '(record)'}: ${message}`));
    return [];
  });
  if (problems.length > 0) throw datasetInvalid(problems);
  if (records.length === 0) throw datasetInvalid([`${file}:1: there is no record in it`]);
  return records;
}

/** The error about a dataset that has these faults. */
export function datasetInvalid(problems: readonly string[]): HoldfastError {
  const rest = problems.length > SHOWN_PROBLEMS ? [`and ${problems.length - SHOWN_PROBLEMS} more`] : [];
  return new HoldfastError({ code: 'dataset.invalid', message: `The dataset cannot be used:\n${[...problems.slice(0, SHOWN_PROBLEMS), ...rest].map((line) => `  ${line}`).join('\n')}`, retryable: false, remedy: 'Correct the lines above, or name the format that the file is in.' });
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAXIMUM_FILE_BYTES) throw new RangeError(`it has ${size} bytes, more than ${MAXIMUM_FILE_BYTES}`);
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HoldfastError({ code: 'dataset.unreadable', message: `"${file}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: false, remedy: 'Correct the path.', cause });
  }
}

function ofLines(text: string, file: string): readonly Raw[] {
  const problems: string[] = [];
  const found = text.split('\n').flatMap((content, index): Raw[] => {
    if (content.trim() === '') return [];
    try {
      return [{ value: JSON.parse(content), line: index + 1 }];
    } catch (error) {
      problems.push(`${file}:${index + 1}: is not JSON: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  if (problems.length > 0) throw datasetInvalid(problems);
  return found;
}

/** JSON is YAML, whose parser knows where each item stands. */
function ofList(text: string, file: string): readonly Raw[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'json', uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw datasetInvalid([`${file}:${lines.linePos(error.pos[0]).line}: is not JSON: ${error.message}`]);
  if (!isSeq(document.contents)) throw datasetInvalid([`${file}:1: is no list of records`]);
  return document.contents.items.map((item) => ({ value: isNode(item) ? item.toJS(document) as unknown : item, line: isNode(item) && item.range ? lines.linePos(item.range[0]).line : 1 }));
}
