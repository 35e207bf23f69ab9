import { describe, expect, it } from '@jest/globals';
import { eventsOf, holdfastAt, type Answer } from './scripted-gateway.fixture.js';

const begun = { runId: 'r1', id: 'i', source: '/s', duplicate: false };

/** A gateway at which the run has one event in its stream, and ends like this. */
function ending(end: { readonly status: string; readonly answer?: string; readonly reason?: string }): Answer {
  let streams = 0;
  return ({ method, path }) => {
    if (method === 'POST') return Response.json(begun);
    if (!path.endsWith('/stream')) return path.endsWith('/tokens') ? new Response(null, { status: 204 }) : Response.json({ runId: 'r1', ...end });
    streams += 1;
    return streams === 1 ? eventsOf({ type: 'approval-requested', approvalId: 'a-c1-1' }) : new Response(null, { status: 204 });
  };
}

describe('holdfast run --wait', () => {
  it.each([
    [{ status: 'completed', answer: 'Paid.' }, 0],
    [{ status: 'failed', reason: 'Out of steps.' }, 4],
    [{ status: 'cancelled', reason: 'Wrong order.' }, 5],
    [{ status: 'erased' }, 5],
  ])('ends as the run does: %j', async (end, code) => {
    const told = await holdfastAt(ending(end), ['run', 'a.b', 'Go.', '--wait', '--json']);
    expect({ code: told.code, said: JSON.parse(told.out), err: told.err }).toEqual({ code, said: { ...begun, ...end }, err: '' });
  });

  it('tells people the answer, and meanwhile what waits for them', async () => {
    const { out, notes } = await holdfastAt(ending({ status: 'completed', answer: 'Paid.\u001b[2J' }), ['run', 'a.b', 'Go.', '--wait']);
    expect(notes).toMatch(/Run r1 has begun\.\n.*"holdfast approve r1 a-c1-1"/);
    expect(out).toBe('completed\nanswer: Paid. [2J\n');
  });

  it('prints what happens meanwhile with --follow, as lines of JSON for programs', async () => {
    const streaming = (): Answer => {
      const script = ending({ status: 'completed', answer: 'Paid.' });
      const seen = new Map<string, number>();
      // Whoever watches and whoever waits read the stream each for themselves.
      return (asked) => {
        const times = (seen.get(asked.path) ?? 0) + 1;
        seen.set(asked.path, times);
        return asked.path.endsWith('/stream') && times <= 2 ? eventsOf({ type: 'run-ended', status: 'completed' }) : script({ ...asked, path: asked.path.replace('/stream', '/tokens') });
      };
    };
    expect((await holdfastAt(streaming(), ['run', 'a.b', 'Go.', '--follow'])).out).toMatch(/^1.0 +run-ended +completed\ncompleted\nanswer: Paid\.\n$/);
    const { out } = await holdfastAt(streaming(), ['run', 'a.b', 'Go.', '--follow', '--json']);
    const [first, ...rest] = out.split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ stream: 'events', event: 'run-ended', data: { event: { status: 'completed' } } });
    expect(JSON.parse(rest.join('\n'))).toMatchObject({ runId: 'r1', status: 'completed' });
  });

  it('leaves a run that takes too long to itself', async () => {
    const hanging: Answer = ({ method, signal }) => (method === 'POST' ? Response.json(begun) : new Response(new ReadableStream({ start: (controller) => signal?.addEventListener('abort', () => controller.error(signal.reason)) })));
    expect(await holdfastAt(hanging, ['run', 'a.b', 'Go.', '--wait', '--timeout', '0.05'])).toMatchObject({ code: 6, out: expect.stringContaining('it goes on') });
    expect(await holdfastAt(hanging, ['run', 'a.b', 'Go.', '--wait', '--timeout', 'soon'])).toMatchObject({ code: 2, asked: [] });
  });

  it('goes on when the gateway is away for a while', async () => {
    let failures = 3;
    const script = ending({ status: 'completed' });
    const { code } = await holdfastAt((asked) => (asked.path.endsWith('/stream') && failures-- > 0 ? new TypeError('fetch failed') : script(asked)), ['run', 'a.b', 'Go.', '--wait']);
    expect(code).toBe(0);
  });

  it('waits until somebody has taken the task up', async () => {
    let looks = 0;
    const script = ending({ status: 'completed' });
    const unknown = { detail: 'There is no run "r1".', code: 'run.unknown', retryable: false, remedy: 'Look again.' };
    expect(await holdfastAt((asked) => (asked.path === '/v1/runs/r1' && looks++ < 2 ? Response.json(unknown, { status: 404 }) : script(asked)), ['run', 'a.b', 'Go.', '--wait'])).toMatchObject({ code: 0, err: '' });
  });

  it('says how the same task is sent again when nobody answered', async () => {
    const { code, err, asked } = await holdfastAt(() => new TypeError('fetch failed'), ['run', 'a.b', 'Go.', '--json']);
    const { id } = asked[0]?.body as { readonly id: string };
    expect({ code, error: JSON.parse(err) }).toEqual({ code: 3, error: { code: 'cli.gateway-unreachable', message: expect.any(String), retryable: true, remedy: expect.stringContaining(`--id ${id}`) } });
  });
});

describe('any command with --json', () => {
  it.each([
    ['a refusal', ['show', 'r1', '--json'], Response.json({ detail: 'No such run.', code: 'run.unknown', retryable: false, remedy: 'Look at "ls".' }, { status: 404 }), 1, 'run.unknown'],
    ['an unreadable answer', ['show', 'r1', '--json'], new Response('<html>'), 3, 'cli.gateway-unreachable'],
    ['another shape', ['show', 'r1', '--json'], Response.json({ runId: 7 }), 1, 'cli.answer-unreadable'],
    ['a missing argument', ['show', '--json'], Response.json({}), 2, 'cli.usage'],
    ['an option that is no JSON', ['run', 'a.b', 'Go.', '--input', '{', '--json'], Response.json({}), 2, 'cli.usage'],
    ['an unknown command', ['conquer', '--json'], Response.json({}), 2, 'cli.usage'],
  ])('tells %s as one JSON object', async (_, args, answer, code, named) => {
    const told = await holdfastAt(() => answer, args);
    expect({ code: told.code, out: told.out, error: JSON.parse(told.err) }).toEqual({ code, out: '', error: { code: named, message: expect.any(String), retryable: expect.any(Boolean), remedy: expect.any(String) } });
  });

  it('shows no place in the program when it fails itself', async () => {
    const { code, err } = await holdfastAt(() => eventsOf({ type: 'x' }, { type: 7 as never }), ['watch', 'r1']);
    expect(code).toBe(70);
    expect(err).toMatch(/The program failed:[^]*cli\.fault/);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('short forms', () => {
  it.each([
    [['approve', 'r1', 'a1'], { answer: 'approved', comment: '' }, '/v1/runs/r1/approvals/a1'],
    [['reject', 'r1', 'a1', '--comment', 'no'], { answer: 'rejected', comment: 'no' }, '/v1/runs/r1/approvals/a1'],
    [['resolve', 'op', '--retry'], { resolution: 'retry', comment: '' }, '/v1/in-doubt/op'],
  ])('%j says the same as its long form', async (args, body, path) => {
    const told = await holdfastAt(() => Response.json({ duplicate: false, operation: 'op', facts: [] }), [...args, '--json']);
    expect(told).toMatchObject({ code: 0, asked: [{ method: 'POST', path, body }] });
    expect(JSON.parse(told.out)).toMatchObject({ duplicate: false });
  });
});

describe('a table', () => {
  const runs = { runs: [{ runId: 'run-0123456789', status: 'waiting', agent: 'payer', steps: 3, goal: 'Pay the invoice of the supplier in Lisbon', changedAt: 0 }] };

  it('goes on in lines below where the terminal is narrow, and cuts nothing that is copied', async () => {
    const { out } = await holdfastAt(() => Response.json(runs), ['ls'], 84);
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(84);
    expect(out).toContain('run-0123456789');
    const [headings = '', ...lines] = out.split('\n');
    expect(lines.map((line) => line.slice(headings.indexOf('goal')).trim()).join(' ').trim()).toBe('Pay the invoice of the supplier in Lisbon');
    expect((await holdfastAt(() => Response.json(runs), ['ls'])).out.split('\n')).toHaveLength(3);
  });
});
