import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { MemoryIngestAnswer, MemoryIngestRequest } from '@holdfast/contracts';
import { readFrontMatter } from './front-matter.js';
import { seedFolder } from './seed-folder.js';

const head = (fields: string): string => `---\n${fields}\n---\nPay within thirty days.\n`;
const complete = 'title: "Terms: payment"\nsource: https://handbook.example/terms\ntrust: organisation';

describe('seedFolder', () => {
  let folder: string;
  const ingest = jest.fn<(request: MemoryIngestRequest) => Promise<MemoryIngestAnswer>>();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-seed-'));
    ingest.mockReset().mockImplementation(async ({ document }) => ({ documentId: document.documentId, digest: '0'.repeat(64), chunks: 1, unchanged: false }));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('ingests every Markdown file in the order of the paths, with its labels', async () => {
    await mkdir(join(folder, 'suppliers'));
    await writeFile(join(folder, 'suppliers', 'acme.md'), head(`${complete}\nsecrecy: secret`));
    await writeFile(join(folder, 'general.md'), head(complete));
    await writeFile(join(folder, 'notes.txt'), 'no document');

    const answers = await seedFolder(folder, { tenant: 'acme', scope: 'guidelines', ingest });

    expect(answers.map(({ documentId }) => documentId)).toEqual(['general', 'suppliers/acme']);
    expect(ingest.mock.calls.map(([request]) => request)).toEqual([
      { tenant: 'acme', scope: 'guidelines', document: { documentId: 'general', title: 'Terms: payment', source: 'https://handbook.example/terms', trust: 'organisation', secrecy: 'internal', text: 'Pay within thirty days.\n' } },
      { tenant: 'acme', scope: 'guidelines', document: expect.objectContaining({ documentId: 'suppliers/acme', secrecy: 'secret' }) },
    ]);
  });

  it('ingests nothing when one file is bad', async () => {
    await writeFile(join(folder, 'a.md'), head(complete));
    await writeFile(join(folder, 'b.md'), 'No labels at all.');

    await expect(seedFolder(folder, { tenant: 'acme', scope: 'guidelines', ingest })).rejects.toMatchObject({ code: 'memory.seed-invalid', message: expect.stringContaining('b ') });
    expect(ingest).not.toHaveBeenCalled();
  });

  it('says so when there is nothing to ingest', async () => {
    await expect(seedFolder(folder, { tenant: 'acme', scope: 'guidelines', ingest })).rejects.toMatchObject({ code: 'memory.seed-invalid' });
  });
});

describe('readFrontMatter', () => {
  it('reads files with a byte order mark and carriage returns', () => {
    expect(readFrontMatter(`\uFEFF${head(complete).replaceAll('\n', '\r\n')}`, 'file')).toEqual({
      labels: { title: 'Terms: payment', source: 'https://handbook.example/terms', trust: 'organisation', secrecy: 'internal' },
      text: 'Pay within thirty days.\r\n',
    });
  });

  it.each([
    ['no trust', 'title: a\nsource: urn:a'],
    ['an unknown trust', 'title: a\nsource: urn:a\ntrust: absolute'],
    ['an unknown name', `${complete}\nauthor: me`],
    ['a name twice', `${complete}\ntrust: user`],
    ['a line that is no pair', `${complete}\n- item`],
  ])('refuses a file with %s', (_, fields) => {
    expect(() => readFrontMatter(head(fields), 'file')).toThrow(expect.objectContaining({ code: 'memory.seed-invalid' }));
  });
});
