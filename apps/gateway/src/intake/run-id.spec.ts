import { describe, expect, it } from '@jest/globals';
import { runId } from '@holdfast/contracts';
import { runIdOf } from './run-id.js';

describe('the run of a task event', () => {
  it('is the one that sha256sum gives over the canonical JSON, on every release', () => {
    expect(runIdOf('acme', '/erp', 'inv-1')).toBe('rd74caa981c3fcec7d1e5d9b966');
  });

  it('is another for another tenant, source or id, wherever the text is divided', () => {
    const ids = [runIdOf('a', 'b', 'c'), runIdOf('ab', '', 'c'), runIdOf('a', 'bc', ''), runIdOf('a', 'b","c', ''), runIdOf('b', 'a', 'c')];

    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is one token of a subject, whatever the event says', () => {
    expect(runId.safeParse(runIdOf('acme', '*.>\u0000', '💥')).success).toBe(true);
  });
});
