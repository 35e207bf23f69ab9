import { describe, expect, it } from '@jest/globals';
import { follow, type Received, type StreamState } from './follow.js';
import type { Problem } from './problem.js';

type Answer = () => Response | Promise<Response>;

const events = (...parts: readonly string[]): Response => new Response(new ReadableStream({
  start(controller) {
    for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
    controller.close();
  },
}), { status: 200 });
const nothingMore: Answer = () => new Response(null, { status: 204 });
const refusal = (status: number, code: string, retryable: boolean, headers: Record<string, string> = {}): Answer => () => Response.json({ code, detail: 'No.', remedy: 'Ask.', retryable }, { status, headers });

/** Follows a gateway that gives these answers in turn; what is asked for after the last of them is "nothing more". */
async function followed(answers: readonly Answer[], options: { readonly stopAfter?: number } = {}): Promise<{ readonly states: readonly StreamState[]; readonly received: readonly Received[]; readonly asked: readonly (string | undefined)[]; readonly opened: number; readonly problem: Problem | undefined }> {
  const left = [...answers];
  const states: StreamState[] = [];
  const received: Received[] = [];
  const asked: (string | undefined)[] = [];
  const controller = new AbortController();
  let opened = 0;
  let problem: Problem | undefined;
  await follow({
    open: async (headers) => {
      asked.push(headers['last-event-id']);
      return (left.shift() ?? nothingMore)();
    },
    onOpen: () => { opened += 1; },
    onEvent: (event) => {
      received.push(event);
      if (received.length === options.stopAfter) controller.abort();
    },
    onState: (state, told) => {
      states.push(state);
      problem = told ?? problem;
    },
    signal: controller.signal,
    chance: () => 0,
  });
  return { states, received, asked, opened, problem };
}

describe('following a stream', () => {
  it('takes events whatever pieces they come in, and is over when the gateway has nothing more', async () => {
    const { states, received, asked } = await followed([() => events('id: 1.0\nevent: task', '-accepted\ndata: {"a"', ':1}\n\n: heartbeat\n\nid: 1.1\nevent: run-ended\ndata: {}\n\n')]);

    expect(received).toEqual([{ id: '1.0', event: 'task-accepted', data: '{"a":1}' }, { id: '1.1', event: 'run-ended', data: '{}' }]);
    expect(asked).toEqual([undefined, '1.1']);
    expect(states).toEqual(['connecting', 'live', 'connecting', 'ended']);
  });

  it('goes on after the last event, through a gateway that is away, busy and back', async () => {
    const away: Answer = () => Promise.reject(new TypeError('fetch failed'));
    const { received, asked, opened } = await followed([() => events('id: 1.0\ndata: a\n\n'), away, refusal(503, 'gateway.streams-exhausted', true), () => events('id: 2.0\ndata: b\n\n')]);

    expect(received.map(({ data }) => data)).toEqual(['a', 'b']);
    expect(asked).toEqual([undefined, '1.0', '1.0', '1.0', '2.0']);
    expect(opened).toBe(2);
  });

  it.each([[401, 'auth.key-unknown'], [403, 'auth.role-missing'], [404, 'run.unknown']])('does not ask again after %p', async (status, code) => {
    const { states, asked, problem } = await followed([refusal(status, code, false)]);

    expect(asked).toHaveLength(1);
    expect(states).toEqual(['connecting', 'refused']);
    expect([problem?.status, problem?.code, problem?.remedy]).toEqual([status, code, 'Ask.']);
  });

  it('says what stands in the way while it tries again', async () => {
    const { states, problem } = await followed([refusal(429, 'request.too-many', true)]);

    expect(states).toEqual(['connecting', 'retrying', 'ended']);
    expect(problem?.code).toBe('request.too-many');
  });

  it('takes an error of something in between, which says nothing, for one that passes', async () => {
    const { states } = await followed([() => new Response('<html>Bad Gateway</html>', { status: 502 })]);

    expect(states).toEqual(['connecting', 'retrying', 'ended']);
  });

  it('tells nothing more once nobody wants it', async () => {
    const { states, received, asked } = await followed([() => events('id: 1.0\ndata: a\n\n', 'id: 1.1\ndata: b\n\n')], { stopAfter: 1 });

    expect(received.map(({ data }) => data)).toEqual(['a']);
    expect([states, asked]).toEqual([['connecting', 'live'], [undefined]]);
  });
});
