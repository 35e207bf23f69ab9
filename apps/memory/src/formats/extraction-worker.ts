import { extname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { ExtractionAnswer, ExtractionTask } from './extract-text.js';

/**
 * Reads one document in a thread that may be killed. What went wrong is answered by a word, since errors of the libraries lose
 * their class on the way.
 *
 * Its neighbours are imported under the ending that this file has itself, so that it runs from sources in specifications.
 */
const neighbour = (name: string): Promise<unknown> => import(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url).href);

async function read({ mediaType, bytes }: ExtractionTask): Promise<ExtractionAnswer> {
  if (mediaType === 'application/pdf') return readPdf(bytes);
  const text = decoded(bytes);
  if (text === undefined) return { fault: 'binary' };
  if (mediaType === 'text/plain') return { text, hidden: '' };
  const { visibleText } = (await neighbour('html-text')) as typeof import('./html-text.js');
  if (mediaType === 'text/html') return visibleText(text);
  // What a reader of Markdown sees is what it becomes; comments and hidden elements can stand in it as in HTML.
  const { marked } = await import('marked');
  return visibleText(await marked.parse(text, { async: true }));
}

/** UTF-8, or UTF-16 with a byte order mark; undefined for what is no text. */
function decoded(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes('\u0000') ? undefined : text;
  } catch {
    return undefined;
  }
}

async function readPdf(bytes: Uint8Array): Promise<ExtractionAnswer> {
  const { extractText, getDocumentProxy } = await import('unpdf');
  try {
    const { text } = await extractText(await getDocumentProxy(bytes), { mergePages: false });
    return { text: text.join('\n\n'), hidden: '' };
  } catch (error) {
    return { fault: error instanceof Error && error.name === 'PasswordException' ? 'encrypted' : 'malformed' };
  }
}

parentPort?.postMessage(await read(workerData as ExtractionTask));
