import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Option } from 'commander';
import { HoldfastError, secrecy, trust } from '@holdfast/contracts';
import { z } from 'zod';
import { oneLine, table } from '../terminal.js';
import type { AddCommands, Means } from './command.js';
import { addForgettingCommands } from './threads.js';

const readers = z.looseObject({
  runs: z.array(z.looseObject({ runId: z.string(), commit: z.number(), through: z.string().optional() })),
  derived: z.array(z.looseObject({ digest: z.string(), scope: z.string(), documentId: z.string(), runId: z.string() })),
  more: z.boolean(),
});
const revoked = readers.extend({ removed: z.number() });
const added = z.looseObject({ documentId: z.string(), digest: z.string(), chunks: z.number(), unchanged: z.boolean(), hidden: z.looseObject({ characters: z.number(), excerpt: z.string() }).optional() });

const MEDIA_TYPES: Readonly<Record<string, string>> = { '.txt': 'text/plain', '.md': 'text/markdown', '.html': 'text/html', '.htm': 'text/html', '.pdf': 'application/pdf' };

interface AddOptions {
  readonly scope: string;
  readonly source: string;
  readonly trust: string;
  readonly secrecy: string;
  readonly id?: string;
  readonly title?: string;
  readonly author?: string;
}

/** What the organisation's memory holds, where that is from, and who read it. */
export const addMemoryCommands: AddCommands = (program, means) => {
  const command = program.command('memory').description('Puts documents into memory, tells which runs read one, and revokes what was planted.');
  command.command('add').description('Puts the text of a file into memory: text, Markdown, HTML or PDF.').argument('<file>')
    .requiredOption('--scope <scope>', 'where it belongs').requiredOption('--source <uri>', 'the address that it is from')
    .addOption(new Option('--trust <trust>', 'how far it may be believed').choices(trust.options).makeOptionMandatory()).addOption(new Option('--secrecy <secrecy>', 'who may see it').choices(secrecy.options).makeOptionMandatory())
    .option('--id <id>', 'its name in the scope; the file\'s name when left out').option('--title <title>').option('--author <author>', 'who wrote it')
    .action((file: string, options: AddOptions) => add(file, options, means));
  command.command('readers').description('Tells which runs read a source, or a document by its digest, and what they remembered afterwards.').argument('<origin>', 'a source\'s address, or a digest')
    .action((origin: string) => tellReaders(origin, means));
  command.command('revoke').description('Takes a source, or a document by its digest, out of memory for good, with what runs remembered after they had read it.').argument('<origin>', 'a source\'s address, or a digest')
    .requiredOption('--reason <text>', 'why, for whoever asks later')
    .action((origin: string, options: { readonly reason: string }) => revoke(origin, options.reason, means));
  addForgettingCommands(command, means);
};

async function add(file: string, { scope, id, title, ...labels }: AddOptions, { gateway, terminal }: Means): Promise<void> {
  const mediaType = MEDIA_TYPES[extname(file).toLowerCase()];
  if (mediaType === undefined) throw new HoldfastError({ code: 'cli.usage', message: `"${file}" is of no kind that can be read.`, retryable: false, remedy: `Give it one of the endings ${Object.keys(MEDIA_TYPES).join(', ')}.` });
  const content = await readFile(file, 'base64').catch((cause: unknown) => {
    throw new HoldfastError({ code: 'cli.usage', message: `"${file}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, retryable: false, remedy: 'Correct the path.', cause });
  });
  const name = basename(file);
  const answer = await gateway().post('/v1/memory/files', { scope, file: { documentId: id ?? name, title: title ?? name, ...labels, mediaType, content } }, added);
  terminal.out(`${answer.documentId} ${answer.unchanged ? 'was there already' : `is in ${scope}`}: ${answer.chunks} passages, digest ${answer.digest}`);
  if (answer.hidden !== undefined) terminal.out(`HIDDEN: ${answer.hidden.characters} characters that no reader would see were left out: "${oneLine(answer.hidden.excerpt, 200)}"`);
}

async function tellReaders(origin: string, means: Means): Promise<void> {
  tell(await means.gateway().get(`/v1/memory/sources/readers?${new URLSearchParams(originOf(origin))}`, readers), means);
}

async function revoke(origin: string, reason: string, means: Means): Promise<void> {
  const answer = await means.gateway().post('/v1/memory/sources/revoke', { origin: originOf(origin), reason }, revoked);
  means.terminal.out(`${answer.removed} documents were taken out of memory.`);
  tell(answer, means);
}

/** A digest is 64 hexadecimal digits, and no address is. */
function originOf(origin: string): Record<string, string> {
  return /^[0-9a-f]{64}$/.test(origin) ? { digest: origin } : { source: origin };
}

function tell({ runs, derived, more }: z.infer<typeof readers>, { terminal }: Means): void {
  if (runs.length === 0) return terminal.out('No run has read it.');
  terminal.out(table(['run', 'from commit', 'through'], runs.map(({ runId, commit, through }) => [runId, String(commit), through ?? ''])));
  if (derived.length > 0) terminal.out(`\n${table(['remembered by', 'scope', 'document', 'digest'], derived.map(({ runId, scope, documentId, digest }) => [runId, scope, oneLine(documentId), digest]))}`);
  if (more) terminal.out('\nThere are more; ask the gateway for them: GET /v1/memory/sources/readers?after=<run>');
}
