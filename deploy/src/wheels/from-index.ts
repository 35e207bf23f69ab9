import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HoldfastError } from '@holdfast/contracts';
import type { PinnedWheel, WheelPin } from './pin.js';
import { INDEX_MEDIA_TYPES, findFile, projectPage } from './simple-index.js';

const PAGE_MILLISECONDS = 30_000;
const FILE_MILLISECONDS = 300_000;

/** The package index that the environment names for pip or uv; no default is built in. */
export function indexFrom(environment: NodeJS.ProcessEnv): string | undefined {
  return [environment.PIP_INDEX_URL, environment.UV_INDEX_URL, environment.UV_DEFAULT_INDEX].map((value) => value?.trim()).find((value) => value !== undefined && value !== '');
}

/** Downloads the wheel into the folder by the index's simple interface, with Node alone. Its digest is not yet checked. */
export async function downloadFromIndex(index: string, pin: WheelPin, wheel: PinnedWheel, folder: string): Promise<string> {
  if (!URL.canParse(index)) throw failure('The index in PIP_INDEX_URL or UV_INDEX_URL is not an address.');
  const page = await request(projectPage(index, pin.project), INDEX_MEDIA_TYPES, PAGE_MILLISECONDS);
  const url = findFile(await page.text(), page.headers.get('content-type') ?? '', new URL(page.url), wheel.filename);
  if (url === undefined) throw failure(`The index does not list ${wheel.filename}.`);
  // A login for the index is meant for its own host; files often lie on another.
  const file = await request(url, 'application/octet-stream, */*', FILE_MILLISECONDS, url.host === new URL(index).host ? new URL(index) : undefined);
  if (file.body === null) throw failure(`The answer for ${wheel.filename} was empty.`);
  const path = join(folder, wheel.filename);
  await pipeline(Readable.fromWeb(file.body), createWriteStream(path, { mode: 0o600 }));
  return path;
}

/** `fetch` refuses an address with a login in it, so the login becomes a header; it never appears in a message. */
async function request(url: URL, accept: string, milliseconds: number, login: URL = url): Promise<Response> {
  const { username, password } = login;
  const address = new URL(url);
  address.username = '';
  address.password = '';
  const authorization = username === '' ? {} : { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` };
  let response: Response;
  try {
    response = await fetch(address, { headers: { accept, ...authorization }, signal: AbortSignal.timeout(milliseconds) });
  } catch (error) {
    throw failure(`${address.host} could not be read: ${reasonOf(error)}.`, error);
  }
  if (!response.ok) throw failure(`${address.host} answered ${response.status} for ${address.pathname}.`);
  return response;
}

/** `fetch` only says that it failed; why is in the cause, which has a code or a message. */
function reasonOf(error: unknown): string {
  const cause: unknown = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error;
  const { message, code } = (typeof cause === 'object' && cause !== null ? cause : {}) as { readonly message?: unknown; readonly code?: unknown };
  return [message, code, cause].map(String).find((text) => text !== '' && text !== 'undefined') ?? 'unknown';
}

function failure(message: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'wheel.index_failed', message, retryable: true, remedy: 'Check PIP_INDEX_URL or UV_INDEX_URL and the network.', cause });
}
