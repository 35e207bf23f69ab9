import { describe, expect, it } from '@jest/globals';
import { Gateway } from '../gateway.js';
import { run } from '../program.js';

/** A command line against a gateway that gives this answer to everything. */
async function holdfast(args: readonly string[], answer: unknown) {
  const asked: unknown[] = [];
  let out = '';
  const err: string[] = [];
  const send = (async (url: URL, { method = 'GET', headers, body }: RequestInit) => {
    const { accept, 'idempotency-key': key } = Object.fromEntries(new Headers(headers));
    asked.push({ method, path: `${url.pathname}${url.search}`, ...(body === undefined ? {} : { body: JSON.parse(String(body)) }), ...(accept === undefined ? {} : { accept }), ...(key === undefined ? {} : { key }) });
    return typeof answer === 'string' ? new Response(answer) : Response.json(answer);
  }) as unknown as typeof fetch;
  const terminal = { out: (line: string) => void (out += `${line}\n`), write: (text: string) => void (out += text) };
  const code = await run(args, { gateway: () => new Gateway({ url: 'http://gateway.invalid', key: 'k' }, send), terminal }, (line) => err.push(line));
  return { code, asked, out, err: err.join('\n') };
}

describe('holdfast run', () => {
  it('starts a task with all that it is told, and says how to watch it', async () => {
    const { out, asked } = await holdfast(['run', 'invoice.received', 'Pay it.', '--input', '{"amount":5}', '--id', 'inv-9', '--source', '/me', '--scope', 'pay', 'look_up'], { runId: 'r1', id: 'inv-9', source: '/me', duplicate: false });

    expect(asked).toEqual([{ method: 'POST', path: '/v1/tasks', body: { type: 'invoice.received', goal: 'Pay it.', input: { amount: 5 }, id: 'inv-9', source: '/me', scope: ['pay', 'look_up'] } }]);
    expect(out).toContain('holdfast watch r1');
  });

  it('says that a task was there already, and sends nothing that is no object', async () => {
    expect((await holdfast(['run', 'a.b', 'Go.'], { runId: 'r1', id: 'i', source: '/s', duplicate: true })).out).toMatch(/there already: run r1/);
    expect(await holdfast(['run', 'a.b', 'Go.', '--input', '[1]'], {})).toMatchObject({ code: 2, asked: [] });
  });
});

describe('holdfast ls', () => {
  const one = { runId: 'r1', status: 'waiting', agent: 'payer', steps: 3, goal: 'Pay\u001b[2J it.', changedAt: 0 };

  it('lists runs of a kind, and how to see more', async () => {
    const { out, asked } = await holdfast(['ls', '--status', 'waiting', '--limit', '1'], { runs: [one], next: 'abc' });

    expect(asked).toEqual([{ method: 'GET', path: '/v1/runs?limit=1&status=waiting' }]);
    expect(out).toMatch(/run +status +agent +steps +changed +goal\nr1 +waiting +payer +3 +1970-01-01T00:00:00.000Z +Pay \[2J it\.\n\nThere are more: {2}--cursor abc\n/);
    expect((await holdfast(['ls'], { runs: [] })).out).toBe('There is no such run.\n');
    expect(JSON.parse((await holdfast(['ls', '--json'], { runs: [one] })).out)).toEqual({ runs: [one] });
  });
});

describe('holdfast why', () => {
  it.each([
    [['c1-1'], '/v1/runs/r1/why?effect=c1-1', 'text/plain'],
    [['4'], '/v1/runs/r1/why/4', 'text/plain'],
    [['c1-1', '--as', 'graph'], '/v1/runs/r1/why?effect=c1-1', 'text/vnd.mermaid'],
  ])('asks for %j', async (args, path, accept) => {
    const { asked, out } = await holdfast(['why', 'r1', ...args], 'Run r1: why\u001b[2J\n  Task\n');

    expect(asked).toEqual([{ method: 'GET', path, accept }]);
    expect(out).toBe('Run r1: why[2J\n  Task\n');
  });

  it('knows no other format', async () => {
    expect(await holdfast(['why', 'r1', 'c1-1', '--as', 'pdf'], '')).toMatchObject({ code: 2, asked: [], err: expect.stringContaining('text, json, graph') });
  });
});

describe('steering a run', () => {
  it.each(['cancel', 'abort', 'pause', 'resume'])('%s is passed on with its reason', async (name) => {
    expect(await holdfast([name, 'r1', '--reason', 'enough'], { runId: 'r1', duplicate: false })).toMatchObject({ code: 0, asked: [{ method: 'POST', path: `/v1/runs/r1/${name}`, body: { reason: 'enough' } }] });
  });

  it('does not end a run without a reason', async () => {
    expect(await holdfast(['cancel', 'r1'], {})).toMatchObject({ code: 2, asked: [] });
  });

  it('signals with any JSON, once for a key', async () => {
    const { asked } = await holdfast(['signal', 'r1', 'delivered', '{"at":3}', '--key', 'k1'], { runId: 'r1', duplicate: false });

    expect(asked).toEqual([{ method: 'POST', path: '/v1/runs/r1/signals/delivered', body: { at: 3 }, key: 'k1' }]);
    expect(await holdfast(['signal', 'r1', 'delivered', 'no json'], {})).toMatchObject({ code: 2, asked: [] });
  });
});
