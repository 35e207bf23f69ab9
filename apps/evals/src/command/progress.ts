import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import { caseResult, type CaseResult } from '../reporting/report.js';

const FILE = 'progress.jsonl';
const heading = z.object({ suite: z.string(), digest: z.string() });

/** Results in a file as they come, one line each below a heading that names the suite, so that what is broken off can go on. */
export class Progress {
  private constructor(private readonly path: string, readonly done: readonly CaseResult[]) {}

  /**
   * Begins anew, or with `resume` goes on with what the file holds; a last line that was cut off in writing is executed again.
   * Throws `suite.changed` when the file is of a suite with another digest, and `suite.no-progress` when there is no file.
   */
  static async open(folder: string, suite: z.infer<typeof heading>, resume: boolean): Promise<Progress> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, FILE);
    const done = resume ? await read(path, suite) : [];
    await writeFile(path, [suite, ...done].map((line) => `${JSON.stringify(line)}\n`).join(''));
    return new Progress(path, done);
  }

  add(result: CaseResult): Promise<void> {
    return appendFile(this.path, `${JSON.stringify(result)}\n`);
  }

  /** The report holds everything: nothing is left to go on with. */
  async finish(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

async function read(path: string, { suite, digest }: z.infer<typeof heading>): Promise<readonly CaseResult[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new HoldfastError({ code: 'suite.no-progress', message: `There is no "${path}" to go on with.`, retryable: false, remedy: 'Leave --resume out, or name the folder of the command that was broken off.', cause });
  });
  const [first, ...lines] = text.split('\n');
  const was = heading.safeParse(parse(first ?? ''));
  if (!was.success || was.data.digest !== digest) throw new HoldfastError({ code: 'suite.changed', message: `"${path}" is of ${was.success && was.data.suite !== suite ? `the suite "${was.data.suite}"` : 'this suite as it was before it was changed'}.`, retryable: false, remedy: 'Leave --resume out: results of different suites do not belong into one report.' });
  return lines.flatMap((line) => {
    const result = caseResult.safeParse(parse(line));
    return result.success ? [result.data] : [];
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
