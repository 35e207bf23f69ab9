import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { HoldfastError, type MemoryIngestAnswer, type MemoryIngestRequest } from '@holdfast/contracts';
import { readFrontMatter } from './front-matter.js';

/** What a folder of documents is ingested into. `ingest` may be the service itself or a request over the bus. */
export interface SeedTarget {
  readonly tenant: string;
  readonly scope: string;
  readonly ingest: (request: MemoryIngestRequest) => Promise<MemoryIngestAnswer>;
}

/**
 * Ingests every `*.md` file below a folder, in the order of their paths, each under its relative path without the
 * ending. All files are read and checked before the first is ingested, so a bad file leaves memory as it was. Symbolic
 * links are not followed. Throws `HoldfastError` `memory.seed-invalid`, or what `ingest` throws.
 */
export async function seedFolder(folder: string, target: SeedTarget): Promise<readonly MemoryIngestAnswer[]> {
  const requests = await requestsOf(folder, target);
  const answers: MemoryIngestAnswer[] = [];
  for (const request of requests) answers.push(await target.ingest(request));
  return answers;
}

async function requestsOf(folder: string, { tenant, scope }: SeedTarget): Promise<readonly MemoryIngestRequest[]> {
  const requests: MemoryIngestRequest[] = [];
  for (const path of await markdownFiles(folder)) {
    const documentId = relative(folder, path).split(sep).join('/').replace(/\.md$/, '');
    const { labels, text } = readFrontMatter(await readFile(path, 'utf8'), documentId);
    requests.push({ tenant, scope, document: { documentId, ...labels, text } });
  }
  if (requests.length > 0) return requests;
  throw new HoldfastError({
    code: 'memory.seed-invalid',
    message: `There is no Markdown file in ${folder}.`,
    retryable: false,
    remedy: 'Name the folder that holds the documents.',
  });
}

async function markdownFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1));
}
