import { describe, expect, it } from '@jest/globals';
import { HoldfastError } from '@holdfast/contracts';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { createLogger, type Logger, runLogger } from './logger.js';

function setUp(): { logger: Logger; text: () => string; line: () => Record<string, unknown> } {
  const lines: string[] = [];
  const logger = createLogger({ service: 'planner', level: 'debug', destination: { write: (line) => void lines.push(line) } });
  return { logger, text: () => lines.join(''), line: () => JSON.parse(lines.at(-1) ?? '') };
}

describe('the logger', () => {
  it('writes one JSON line with level, time, service and message', () => {
    const { logger, text, line } = setUp();
    logger.info({ commit: 3 }, 'Committed.');
    expect(line()).toMatchObject({ level: 'info', service: 'planner', pid: process.pid, commit: 3, message: 'Committed.' });
    expect(String(line()['time'])).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(text().endsWith('}\n')).toBe(true);
    logger.trace('Too detailed.');
    expect(line()['message']).toBe('Committed.');
  });

  it('names the run on every line of a child', () => {
    const { logger, line } = setUp();
    runLogger(logger, { tenant: 'acme', runId: 'run-1' }).warn('Parked.');
    expect(line()).toMatchObject({ tenant: 'acme', run_id: 'run-1', level: 'warn' });
  });

  it('names trace and span inside a span, and neither outside', () => {
    const { logger, line } = setUp();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    const span = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
    context.with(trace.setSpanContext(context.active(), span), () => logger.info('Inside.'));
    expect(line()).toMatchObject({ trace_id: span.traceId, span_id: span.spanId });
    logger.info('Outside.');
    expect(line()).not.toHaveProperty('trace_id');
    context.disable();
  });

  it('replaces secrets by key at any depth, in children too', () => {
    const { logger, text } = setUp();
    const secrets = { authorization: 'hunter2', Password: 'hunter2', nkey_seed: 'hunter2', accessToken: 'hunter2', 'x-api-key': 'hunter2', permit: { payload: 'hunter2' } };
    logger.child({ token: 'hunter2' }).info({ ...secrets, deep: [{ request: { headers: secrets } }] }, 'Called.');
    expect(text()).not.toContain('hunter2');
    expect(text().match(/\[redacted\]/g)).toHaveLength(13);
  });

  it('leaves harmless fields alone', () => {
    const { logger, line } = setUp();
    logger.info({ input_tokens: 12, permitted: true, passwordless: 'yes', tokens: 3 });
    expect(line()).toMatchObject({ input_tokens: 12, permitted: true, passwordless: 'yes', tokens: 3 });
  });

  it.each([
    ['a password in a URL', 'nats://user:hunter2@broker:4222', 'nats://[redacted]@broker:4222'],
    ['a bearer token', 'Authorization was Bearer abcdefghijkl', 'Authorization was Bearer [redacted]'],
    ['a NATS seed', `seed SU${'A'.repeat(56)}.`, 'seed [redacted].'],
    ['an API key', 'key sk-proj-abcdefghijklmnop', 'key [redacted]'],
  ])('replaces %s in a message and in an error', (_, secret, redacted) => {
    const { logger, line } = setUp();
    logger.error({ err: new Error(secret) }, secret);
    expect(line()['message']).toBe(redacted);
    expect(line()['err']).toMatchObject({ message: redacted });
    expect(JSON.stringify(line())).not.toContain(secret);
  });

  it('tells the code of an error, whether to retry, the remedy and the causes', () => {
    const { logger, line } = setUp();
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const error = new HoldfastError({ code: 'log.unavailable', message: 'The log does not answer.', retryable: true, remedy: 'Start the broker.', cause });
    logger.error(error);
    expect(line()).toMatchObject({
      level: 'error', message: 'The log does not answer.',
      err: { type: 'HoldfastError', code: 'log.unavailable', retryable: true, remedy: 'Start the broker.', cause: { type: 'Error', code: 'ECONNREFUSED', message: 'connect' } },
    });
    logger.error({ failure: error }, 'Under another key.');
    expect(line()['failure']).toMatchObject({ code: 'log.unavailable', remedy: 'Start the broker.' });
  });

  it('survives cycles, big integers, binary data and excess', () => {
    const { logger, line } = setUp();
    const cyclic: Record<string, unknown> = { count: 10n, bytes: new Uint8Array(3) };
    cyclic['self'] = cyclic;
    cyclic['list'] = Array.from({ length: 10_000 }, () => 0);
    logger.info({ cyclic });
    expect(line()['cyclic']).toMatchObject({ count: '10', bytes: '[3 bytes]', self: '[circular]' });
    expect((line()['cyclic'] as { list: unknown[] }).list).toHaveLength(200);
  });
});
