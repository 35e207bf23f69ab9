import { describe, expect, it } from '@jest/globals';
import { Gateway } from '../gateway.js';
import { run } from '../program.js';

type Answer = { readonly status: number; readonly body?: string; readonly breaksOff?: boolean };

/** The command against a gateway whose two streams answer each request in turn, and then say that there is no more. */
async function watch(streams: { readonly stream: readonly Answer[]; readonly tokens: readonly Answer[] }) {
  const asked: string[] = [];
  const left = { stream: [...streams.stream], tokens: [...streams.tokens] };
  const send = (async (url: URL, init: RequestInit) => {
    const name = url.pathname.endsWith('/tokens') ? 'tokens' : 'stream';
    asked.push(`${name} ${new Headers(init.headers).get('last-event-id') ?? ''}`.trim());
    const { status, body = '', breaksOff = false } = left[name].shift() ?? { status: 204 };
    if (status === 0) throw new TypeError('fetch failed');
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(body)),
      pull: (controller) => (breaksOff ? controller.error(new TypeError('terminated')) : controller.close()),
    });
    return new Response(status === 204 ? null : stream, { status });
  }) as unknown as typeof fetch;
  let out = '';
  const err: string[] = [];
  const terminal = { out: (line: string) => void (out += `${line}\n`), write: (text: string) => void (out += text) };
  const code = await run(['watch', 'r1'], { gateway: () => new Gateway({ url: 'http://gateway.invalid', key: 'k' }, send, 1), terminal }, (line) => err.push(line));
  return { code, out, err: err.join('\n'), asked };
}

const sse = (id: string, event: string, data: object): string => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const happened = (id: string, event: { readonly type: string; readonly [member: string]: unknown }): string => sse(id, event.type, { id, event });
const started = (attempt: number): string => sse(`1.${attempt}.0`, 'started', { basis: 1, attempt, model: 'tried' });
const said = (attempt: number, n: number, text: string): string => sse(`1.${attempt}.${n}`, 'delta', { basis: 1, attempt, offset: 0, text });

describe('holdfast watch', () => {
  it('prints events as lines of their own until the run has ended', async () => {
    const { code, out } = await watch({
      stream: [{ status: 200, body: happened('2.0', { type: 'decision-made', proposal: { requests: [{ tool: 'pay' }] } }) + happened('3.0', { type: 'tool-returned', tool: 'pay', callId: 'c1-1', outcome: { status: 'succeeded' } }) + happened('4.0', { type: 'run-ended', status: 'completed', answer: 'Paid.\u001b[2J' }) }],
      tokens: [],
    });
    expect([code, out]).toEqual([0, '2.0     decision-made  pay\n3.0     tool-returned  pay  c1-1  succeeded\n4.0     run-ended  completed  Paid. [2J\n']);
  });

  it('prints words as they come, says when they are void, and lets nobody write on the terminal but in text', async () => {
    const { out } = await watch({ stream: [], tokens: [{ status: 200, body: started(1) + said(1, 1, 'Half an ') + said(1, 2, 'ans\u001b[2J') + started(2) + said(2, 1, 'Whole.\n') + sse('1.2.2', 'ended', { basis: 1, attempt: 2, outcome: 'failed', reason: 'model.timeout' }) }] });
    expect(out).toBe('Half an ans[2J\n        (what was said above is void: tried begins again, attempt 2)\nWhole.\n        (no answer: model.timeout)\n');
  });

  it('goes on after the last event that it has when a stream breaks off or the gateway is away', async () => {
    const { code, out, asked } = await watch({ stream: [{ status: 200, body: happened('2.0', { type: 'run-paused' }), breaksOff: true }, { status: 0 }, { status: 200, body: happened('3.0', { type: 'run-resumed' }) }], tokens: [] });
    expect([code, out]).toEqual([0, '2.0     run-paused\n3.0     run-resumed\n']);
    expect(asked.filter((path) => path.startsWith('stream'))).toEqual(['stream', 'stream 2.0', 'stream 2.0', 'stream 3.0']);
  });

  it('says at once that there is no such run', async () => {
    const unknown: Answer = { status: 404, body: JSON.stringify({ detail: 'There is no run "r1".', code: 'run.unknown', retryable: false, remedy: 'Check the id.' }) };
    expect(await watch({ stream: [unknown], tokens: [unknown] })).toMatchObject({ code: 1, err: 'There is no run "r1".\nWhat to do: Check the id. (run.unknown)' });
  });

  it('gives up when the gateway stays away', async () => {
    expect(await watch({ stream: Array.from({ length: 40 }, () => ({ status: 0 })), tokens: [] })).toMatchObject({ code: 3, err: expect.stringContaining('cli.gateway-unreachable') });
  });
});
