import { describe, expect, it } from '@jest/globals';
import { commitSpanId, commitTraceparent, runSpanId, runTraceId, runTraceparent } from './identifiers.js';

describe('identifiers of a run\'s trace', () => {
  it('never change, since processes of two releases write to one trace', () => {
    expect(runTraceId('acme', 'run-1')).toBe('f1696d0fbd9c90c7fafc9946aad85abf');
    expect(runSpanId('acme', 'run-1')).toBe('34b737fd308e28d2');
    expect(commitSpanId('commit-1')).toBe('a35f1bfa71b89acb');
  });

  it('tell runs apart whose names only differ in where the tenant ends', () => {
    expect(runTraceId('a', 'bc')).not.toBe(runTraceId('ab', 'c'));
    expect(runTraceId('acme', 'run-1')).not.toBe(runTraceId('acme', 'run-2'));
  });

  it('make a traceparent in the form of W3C Trace Context', () => {
    const traceparent = commitTraceparent({ tenant: 'acme', runId: 'run-1', commitId: 'commit-1' });
    expect(traceparent).toBe(`00-${runTraceId('acme', 'run-1')}-${commitSpanId('commit-1')}-01`);
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(runTraceparent('acme', 'run-1')).toBe(`00-${runTraceId('acme', 'run-1')}-${runSpanId('acme', 'run-1')}-01`);
  });
});
