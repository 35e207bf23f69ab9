import { HoldfastError, secrecy, trust } from '@holdfast/contracts';
import { z } from 'zod';

/** What a file says about itself. Secrecy may be left out, which means `internal`; trust and source may not. */
const frontMatter = z.strictObject({
  title: z.string().min(1),
  source: z.string().min(1),
  trust,
  secrecy: secrecy.default('internal'),
});
export type FrontMatter = z.infer<typeof frontMatter>;

/** A file cut into what it says about itself and its text. */
export interface LabelledText {
  readonly labels: FrontMatter;
  readonly text: string;
}

/**
 * Reads a file that begins with `---`, lines of `name: value`, and `---`. This is the part of YAML front matter that
 * labels need: one line a value, taken literally, except that one pair of quotes around it is removed.
 * Throws `HoldfastError` `memory.seed-invalid`, naming the file, for anything else.
 */
export function readFrontMatter(content: string, file: string): LabelledText {
  const match = /^\uFEFF?---[^\S\n]*\r?\n([\s\S]*?)\r?\n---[^\S\n]*(?:\r?\n|$)([\s\S]*)$/.exec(content);
  if (match === null) throw invalid(file, 'it does not begin with front matter between two lines of "---"');
  const [, head = '', text = ''] = match;
  const entries: [string, string][] = [];
  for (const line of head.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const entry = /^([a-z]+):\s*(.*?)\s*$/.exec(line);
    if (entry === null) throw invalid(file, `"${line}" is not "name: value"`);
    const [, name = '', value = ''] = entry;
    if (entries.some(([known]) => known === name)) throw invalid(file, `"${name}" is there twice`);
    entries.push([name, value.replace(/^(["'])(.*)\1$/, '$2')]);
  }
  const labels = frontMatter.safeParse(Object.fromEntries(entries));
  if (!labels.success) throw invalid(file, z.prettifyError(labels.error).replaceAll(/\s+/g, ' '));
  return { labels: labels.data, text };
}

function invalid(file: string, reason: string): HoldfastError {
  return new HoldfastError({
    code: 'memory.seed-invalid',
    message: `${file} cannot be ingested: ${reason}.`,
    retryable: false,
    remedy: 'Begin the file with a line "---", then "title:", "source:" (a URI) and "trust:", optionally "secrecy:", then a line "---".',
  });
}
