import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { HoldfastError, memoryLimits, type MemoryMediaType } from '@holdfast/contracts';

/** A document's bytes, and how they are to be read. */
export interface ExtractionTask {
  readonly mediaType: MemoryMediaType;
  readonly bytes: Uint8Array;
}

export type ExtractionAnswer = { readonly text: string; readonly hidden: string } | { readonly fault: 'binary' | 'encrypted' | 'malformed' };

/** What was read of a document. */
export interface ExtractedText {
  readonly text: string;
  /** What stands in it that no reader would see: how many characters, and how it begins. It is no part of the text. */
  readonly hidden?: { readonly characters: number; readonly excerpt: string };
}

/** What reading one document may cost. */
export interface ExtractionLimits {
  readonly milliseconds: number;
  /** Of the thread's heap, and again of what it holds outside of it, in megabytes. */
  readonly megabytes: number;
}

const defaultLimits: ExtractionLimits = { milliseconds: 15_000, megabytes: 256 };
const LONGEST_EXCERPT = 200;
/** Milliseconds between looks at what the thread holds outside of its heap, which the engine does not limit. */
const LOOK_MS = 50;
/** Characters that are never seen: zero-width space and joiners of words, directions, and the tag characters in which text can be smuggled. */
const INVISIBLE = /[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\u00AD\u{E0000}-\u{E007F}]/gu;

/**
 * The text of a document as its reader sees it, read in a thread of its own that is killed when it takes too long or too much
 * memory. Throws `HoldfastError`, never retryable: `memory.document-binary`, `memory.document-encrypted`,
 * `memory.document-malformed`, `memory.document-empty`, `memory.document-too-large` and `memory.document-too-costly`.
 */
export async function extractText(task: ExtractionTask, limits: ExtractionLimits = defaultLimits): Promise<ExtractedText> {
  if (task.bytes.length === 0) throw refused('empty');
  const answer = await inThread(task, limits);
  if ('fault' in answer) throw refused(answer.fault);
  const text = storable(answer.text);
  if (text.trim() === '') throw refused('empty');
  if (text.length > memoryLimits.text) throw refused('too-large');
  const unseen = [answer.hidden, ...(answer.text.match(INVISIBLE) ?? []).map(readableTag)];
  const hidden = storable(unseen.join(' ').trim());
  const characters = answer.hidden.length + unseen.length - 1;
  return characters === 0 ? { text } : { text, hidden: { characters, excerpt: hidden.slice(0, LONGEST_EXCERPT) } };
}

/** A tag character stands for an ASCII one (Unicode, "Tags"); the other invisible characters stand for nothing. */
function readableTag(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xe001f ? String.fromCodePoint(code - 0xe0000) : '';
}

/** Without what nobody sees and what Postgres cannot store. PDF holds whatever its fonts map glyphs to. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '').replaceAll(INVISIBLE, '').replaceAll(/\r\n?/g, '\n');
}

function inThread(task: ExtractionTask, { milliseconds, megabytes }: ExtractionLimits): Promise<ExtractionAnswer> {
  const file = new URL(`./extraction-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: megabytes, maxYoungGenerationSizeMb: 32 }, stdout: true, stderr: true });
  return new Promise<ExtractionAnswer>((resolve, reject) => {
    const timer = setTimeout(() => reject(refused('too-costly')), milliseconds);
    const watch = setInterval(() => {
      void worker.getHeapStatistics().then((held) => { if (held.external_memory > megabytes * 1_048_576) reject(refused('too-costly')); }, () => undefined);
    }, LOOK_MS);
    const settled = (settle: () => void): void => {
      clearTimeout(timer);
      clearInterval(watch);
      settle();
    };
    worker.once('message', (answer: ExtractionAnswer) => settled(() => resolve(answer)));
    worker.once('error', (error: { readonly code?: string }) => settled(() => reject(refused(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'too-costly' : 'malformed', error))));
    worker.once('exit', () => settled(() => reject(refused('malformed'))));
  }).finally(() => worker.terminate());
}

const REFUSALS = {
  binary: ['The document is no text: its bytes are neither UTF-8 nor UTF-16 with a byte order mark.', 'Name the media type that it has, or convert it to text.'],
  encrypted: ['The document is encrypted and cannot be read without its password.', 'Save it without a password.'],
  malformed: ['The document cannot be read as what its media type says.', 'Open it where it was made, and save it again.'],
  empty: ['There is no text in the document.', 'Where it is a scan, let a program recognise its text first.'],
  'too-large': [`The document has more than ${memoryLimits.text} characters of text.`, 'Cut it into several documents, such as its chapters.'],
  'too-costly': ['The document could not be read within the time and memory that one document may take.', 'Cut it into several documents, or convert it to plain text.'],
} as const;

function refused(what: keyof typeof REFUSALS, cause?: unknown): HoldfastError {
  const [message, remedy] = REFUSALS[what];
  return new HoldfastError({ code: `memory.document-${what}`, message, retryable: false, remedy, cause });
}
