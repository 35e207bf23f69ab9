import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { HoldfastError, taskEvent, type TaskEvent } from '@holdfast/contracts';
import { loadDataset } from '../datasets/load-dataset.js';
import { replaceTexts } from './execution.js';
import { parseSuite, suiteInvalid } from './parse-suite.js';
import { suite, type FileEvent, type Suite, type SuiteSource } from './suite.js';

const MAXIMUM_FILE_BYTES = 10_000_000;

/**
 * Reads a suite, the events that it takes from files (JSON lines of CloudEvents, found by their id) and the datasets that it names. With `within`,
 * only files below that folder are read, links followed. Throws `suite.unreadable`, `suite.outside`, `suite.invalid`,
 * `dataset.unreadable` and `dataset.invalid`.
 */
export async function loadSuite(path: string, within?: string): Promise<Suite> {
  const { datasets, ...source } = parseSuite(await readText(path, within), path);
  const files = new Map<string, readonly TaskEvent[]>();
  const cases = [];
  for (const { event, ...rest } of source.cases) {
    if (!isFileEvent(event)) {
      cases.push({ ...rest, event });
      continue;
    }
    const file = resolve(dirname(path), event.file);
    const events = files.get(file) ?? readEvents(await readText(file, within), event.file);
    files.set(file, events);
    const found = events.find(({ id }) => id === event.id);
    if (found === undefined) throw invalid(`case "${rest.name}": "${event.file}" has no event "${event.id}"`);
    for (const old of Object.keys(event.replace)) if (!JSON.stringify(found).includes(old)) throw invalid(`case "${rest.name}": event "${event.id}" does not contain "${old}", which is to be replaced`);
    cases.push({ ...rest, event: replaceTexts(found, event.replace) });
  }
  const ofDatasets = await casesOf(datasets, source.repeats, path, within);
  const checked = suite.safeParse({ ...source, cases: [...cases, ...ofDatasets] });
  if (!checked.success) throw suiteInvalid(checked.error);
  return checked.data;
}

async function casesOf(datasets: SuiteSource['datasets'], repeats: number, path: string, within: string | undefined): Promise<readonly object[]> {
  const locate = (name: string): Promise<string> => requireInside(resolve(dirname(path), name), within);
  const cases = (await Promise.all(datasets.map((each) => loadDataset(each, locate)))).flat();
  // A second execution would go on with the conversation of the first.
  const turn = cases.find(({ event }) => event.thread !== undefined);
  if (turn !== undefined && repeats > 1) throw invalid(`case "${turn.name}" is a turn of a conversation, which cannot be repeated`);
  return cases;
}

function isFileEvent(event: object): event is FileEvent {
  return 'file' in event && !('specversion' in event);
}

async function readText(path: string, within: string | undefined): Promise<string> {
  const real = await requireInside(path, within);
  try {
    const { size } = await stat(real);
    if (size > MAXIMUM_FILE_BYTES) throw new RangeError(`it has ${size} bytes, more than ${MAXIMUM_FILE_BYTES}`);
    return await readFile(real, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): HoldfastError {
  return new HoldfastError({ code: 'suite.unreadable', message: `"${path}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, retryable: false, remedy: 'Correct the path.', cause });
}

/** The path with links followed. Throws `suite.outside`, and `suite.unreadable` where nothing is there. */
async function requireInside(path: string, within: string | undefined): Promise<string> {
  const [real, folder] = await Promise.all([realpath(path), within === undefined ? undefined : realpath(within)]).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (folder !== undefined && !isInside(real, folder)) {
    throw new HoldfastError({ code: 'suite.outside', message: `"${path}" lies outside the folder of suites.`, retryable: false, remedy: 'Keep suites and their files in that folder, or send the suite itself.' });
  }
  return real;
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

function readEvents(text: string, file: string): readonly TaskEvent[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw invalid(`${file}:${index + 1} is not JSON`);
    }
    const parsed = taskEvent.safeParse(value);
    if (!parsed.success) throw invalid(`${file}:${index + 1} is no task event: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`);
    return [parsed.data];
  });
}

function invalid(what: string): HoldfastError {
  return new HoldfastError({ code: 'suite.invalid', message: `The suite cannot be run: ${what}.`, retryable: false, remedy: 'Correct the suite or the file.' });
}
