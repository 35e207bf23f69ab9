import { Gateway } from '../gateway.js';
import { run } from '../program.js';
import type { Terminal } from '../terminal.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** What the gateway answers; an error is a gateway that is not there. */
export type Answer = (asked: Asked) => Response | Error;

/** A command line against a gateway that answers by this script, in a terminal of that many columns, where somebody may answer what is asked. */
export async function holdfastAt(answer: Answer, args: readonly string[], columns?: number, ask?: Terminal['ask']) {
  const asked: Asked[] = [];
  let out = '';
  const err: string[] = [];
  const notes: string[] = [];
  const send = (async (url: URL, { method = 'GET', body, signal }: RequestInit) => {
    const one = { method, path: `${url.pathname}${url.search}`, ...(body === undefined ? {} : { body: JSON.parse(String(body)) as unknown }) };
    asked.push(one);
    const given = answer(signal instanceof AbortSignal ? { ...one, signal } : one);
    if (given instanceof Error) throw given;
    return given;
  }) as unknown as typeof fetch;
  const terminal = { out: (line: string) => void (out += `${line}\n`), write: (text: string) => void (out += text), note: (line: string) => void notes.push(line), columns, ask };
  const code = await run(args, { gateway: () => new Gateway({ url: 'http://gateway.invalid', key: 'k' }, send, 1), terminal }, (line) => err.push(line));
  return { code, asked, out, err: err.join('\n'), notes: notes.join('\n') };
}

/** Server-sent events, one for each of these. */
export function eventsOf(...events: readonly { readonly type: string; readonly [member: string]: unknown }[]): Response {
  return new Response(events.map((event, at) => `id: ${at + 1}.0\nevent: ${event.type}\ndata: ${JSON.stringify({ id: `${at + 1}.0`, event })}\n\n`).join(''));
}
