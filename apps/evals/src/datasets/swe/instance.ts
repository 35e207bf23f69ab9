import { z } from 'zod';
import { readRecords, type DatasetRecord } from '../read-records.js';

/** Names of tests: a list, or a list as JSON in a text, as published files have it. */
const testNames = z.preprocess((value) => (typeof value === 'string' ? readList(value) : value), z.array(z.string().min(1), { error: 'must be a list of names, or one as JSON in a text' }));

export const sweInstance = z.looseObject({
  instance_id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, 'must be letters, digits, ".", "_" and "-"'),
  repo: z.string().min(1),
  /** A full object name, so that no branch that has moved can stand for it. */
  base_commit: z.string().regex(/^[0-9a-f]{40}$/, 'must be a full commit in lower-case hexadecimal'),
  problem_statement: z.string().min(1).max(20_000),
  /** The change that solves it. Agents must not see it. */
  patch: z.string(),
  /** The tests that judge it. Agents must not see them. */
  test_patch: z.string().min(1),
  FAIL_TO_PASS: testNames.refine((names) => names.length > 0, 'must name at least one test'),
  PASS_TO_PASS: testNames,
});
export type SweInstance = z.infer<typeof sweInstance>;

/** Instances in the format of SWE-bench. Throws as {@link readRecords}. */
export function readSweInstances(file: string): Promise<readonly DatasetRecord<SweInstance>[]> {
  return readRecords(file, sweInstance);
}

function readList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
