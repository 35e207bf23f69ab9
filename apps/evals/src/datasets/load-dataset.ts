import { z } from 'zod';
import { readRecording } from './agentdojo/recording.js';
import { agentDojoCases } from './agentdojo/cases.js';
import { readBfcl } from './bfcl.js';
import type { DatasetCase } from './dataset-case.js';
import { datasetInvalid } from './read-records.js';
import { readTauBench } from './tau-bench.js';

const file = z.string().min(1).max(1_000);
/** Of all its cases, those whose names these are; all without it. */
const only = z.array(z.string().min(1)).min(1).max(2_000).optional();

/** A dataset in its own format, whose records become cases of the suite that names it; paths are relative to the suite. */
export const datasetSource = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('bfcl'), questions: file, answers: file, functions: z.array(file).max(50).optional(), only }),
  z.strictObject({ format: z.literal('tau-bench'), tasks: file, writes: z.array(z.string().min(1)).max(500).optional(), only }),
  z.strictObject({ format: z.literal('agentdojo'), recording: file, only }),
]);
export type DatasetSource = z.infer<typeof datasetSource>;

/** The cases of a dataset. `locate` makes a path of a name in the suite, and refuses those that may not be read. */
export async function loadDataset(source: DatasetSource, locate: (path: string) => Promise<string>): Promise<readonly DatasetCase[]> {
  const cases = await casesOf(source, locate);
  if (source.only === undefined) return cases;
  const known = new Set(cases.map(({ name }) => name));
  const unknown = source.only.filter((name) => !known.has(name));
  if (unknown.length > 0) throw datasetInvalid(unknown.map((name) => `only: the dataset has no case "${name}"`));
  const wanted = new Set(source.only);
  return cases.filter(({ name }) => wanted.has(name));
}

async function casesOf(source: DatasetSource, locate: (path: string) => Promise<string>): Promise<readonly DatasetCase[]> {
  switch (source.format) {
    case 'bfcl': return readBfcl({ questions: await locate(source.questions), answers: await locate(source.answers), functions: await Promise.all((source.functions ?? []).map(locate)) });
    case 'tau-bench': return readTauBench({ tasks: await locate(source.tasks), writes: source.writes });
    case 'agentdojo': return agentDojoCases(readRecording(await locate(source.recording)));
  }
}
