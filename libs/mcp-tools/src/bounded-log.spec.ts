import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ToolLog } from '@holdfast/tool-sdk';
import { BoundedLog } from './bounded-log.js';

describe('a bounded log', () => {
  let written: string[];
  let log: BoundedLog;
  beforeEach(() => {
    jest.useFakeTimers();
    written = [];
    const write = (level: string) => (fields: object, message: string): void => void written.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const base: ToolLog = { info: write('info'), warn: write('warn'), error: write('error') };
    log = new BoundedLog(base, { server: 'bank' }, { lines: 3, intervalMs: 1_000 });
  });
  afterEach(() => { jest.useRealTimers(); });

  const LEFT_OUT = (count: number): string => `warn lines were left out of the log {"server":"bank","leftOut":${count}}`;

  it('lets through what is within its bounds, and says nothing of itself', () => {
    log.info({ line: 1 }, 'wrote');
    log.warn({ line: 2 }, 'wrote');
    log.error({ line: 3 }, 'wrote');
    jest.advanceTimersByTime(5_000);
    expect(written).toEqual(['info wrote {"line":1}', 'warn wrote {"line":2}', 'error wrote {"line":3}']);
  });

  it('leaves out what is beyond them, whatever its level, and says how much when the interval is over', () => {
    for (let line = 0; line < 1_000; line += 1) log[line % 2 === 0 ? 'info' : 'error']({ line }, 'wrote');
    expect(written).toHaveLength(3);
    jest.advanceTimersByTime(1_000);
    expect(written.slice(3)).toEqual([LEFT_OUT(997)]);
  });

  it('lets the same number through again in the next interval', () => {
    for (let line = 0; line < 4; line += 1) log.info({ line }, 'wrote');
    jest.advanceTimersByTime(1_000);
    for (let line = 4; line < 8; line += 1) log.info({ line }, 'wrote');
    expect(written.filter((line) => line.startsWith('info'))).toHaveLength(6);
  });

  it('says at its end what it has left out until then, once', () => {
    for (let line = 0; line < 5; line += 1) log.info({ line }, 'wrote');
    log.flush();
    log.flush();
    jest.advanceTimersByTime(5_000);
    expect(written.slice(3)).toEqual([LEFT_OUT(2)]);
  });
});
