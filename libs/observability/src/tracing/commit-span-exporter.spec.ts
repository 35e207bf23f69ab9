import { describe, expect, it } from '@jest/globals';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { ATTRIBUTE, CONTENT_ATTRIBUTE } from '../names.js';
import { CommitSpanExporter } from './commit-span-exporter.js';
import type { CommitDescription } from './commit-spans.js';
import { commitSpanId, runSpanId, runTraceId } from './identifiers.js';

interface Request { readonly spans: readonly ReadableSpan[]; readonly answer: (error?: Error) => void }

/** An exporter whose requests are answered by the test. */
class ManualExporter implements SpanExporter {
  readonly requests: Request[] = [];
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.requests.push({ spans, answer: (error) => done(error === undefined ? { code: ExportResultCode.SUCCESS } : { code: ExportResultCode.FAILED, error }) });
  }
  async shutdown(): Promise<void> {}
}

function commit(number: number, more: Partial<CommitDescription> = {}): CommitDescription {
  return {
    tenant: 'acme', runId: 'run-1', number, commitId: `c${number}`, causeCommitId: number === 1 ? undefined : `c${number - 1}`, route: 'plan',
    startedAt: 1_700_000_000_000, recordedAt: 1_700_000_000_250, name: 'commit plan', attributes: {}, ...more,
  };
}

function setUp(isSampled = () => true) {
  const exporter = new ManualExporter();
  const commits = new CommitSpanExporter({ exporter, isSampled, resource: emptyResource(), scope: { name: 'test' }, captureContent: false });
  return { exporter, commits };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe('the exporter of commits', () => {
  it('makes the first commit the child of the run\'s root, and every later one its sibling', async () => {
    const { exporter, commits } = setUp();
    void commits.export([commit(1), commit(2), commit(7)]);
    await turn();
    const spans = exporter.requests[0]!.spans;
    const root = runSpanId('acme', 'run-1');
    expect(spans.map((span) => [span.name, span.spanContext().spanId, span.parentSpanContext?.spanId])).toEqual([
      ['run', root, undefined],
      ['commit plan', commitSpanId('c1'), root],
      ['commit plan', commitSpanId('c2'), root],
      ['commit plan', commitSpanId('c7'), root],
    ]);
    expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([runTraceId('acme', 'run-1')]));
    expect(spans[2]!.links.map((link) => link.context.spanId)).toEqual([commitSpanId('c1')]);
    expect(spans[2]!.duration).toEqual([0, 250_000_000]);
  });

  it('says which commit of which run a span is, and leaves content out', async () => {
    const { exporter, commits } = setUp();
    void commits.export([commit(2, { attributes: { [ATTRIBUTE.policyOutcome]: 'allow', [CONTENT_ATTRIBUTE.toolCallArguments]: 'secret' } })]);
    await turn();
    expect(exporter.requests[0]!.spans[0]!.attributes).toEqual({
      [ATTRIBUTE.tenant]: 'acme', [ATTRIBUTE.runId]: 'run-1', [ATTRIBUTE.conversationId]: 'run-1', [ATTRIBUTE.commitId]: 'c2',
      [ATTRIBUTE.commitNumber]: 2, [ATTRIBUTE.commitRoute]: 'plan', [ATTRIBUTE.policyOutcome]: 'allow',
    });
  });

  it('resolves only once the endpoint has confirmed', async () => {
    const { exporter, commits } = setUp();
    let confirmed = false;
    const exported = commits.export([commit(1)]).then(() => { confirmed = true; });
    await turn();
    expect(confirmed).toBe(false);
    exporter.requests[0]!.answer();
    await exported;
    expect(commits.exportedSpans).toBe(2);
  });

  it('sends calls made during a request together in the next', async () => {
    const { exporter, commits } = setUp();
    const calls = [commits.export([commit(1)])];
    await turn();
    calls.push(commits.export([commit(2)]), commits.export([commit(3)]));
    await turn();
    expect(exporter.requests).toHaveLength(1);
    exporter.requests[0]!.answer();
    await turn();
    expect(exporter.requests[1]!.spans).toHaveLength(2);
    exporter.requests[1]!.answer();
    await Promise.all(calls);
  });

  it('fails retryably when the endpoint is away', async () => {
    const { exporter, commits } = setUp();
    const exported = commits.export([commit(1)]);
    await turn();
    exporter.requests[0]!.answer(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }));
    await expect(exported).rejects.toMatchObject({ code: 'telemetry.export-failed', retryable: true });
  });

  it('does not let a refusal of one call\'s spans fail another call', async () => {
    const { exporter, commits } = setUp();
    const good = commits.export([commit(2)]);
    const bad = commits.export([commit(3)]);
    await turn();
    const refusal = Object.assign(new Error('too large'), { code: 413 });
    exporter.requests[0]!.answer(refusal);
    await turn();
    exporter.requests[1]!.answer();
    await good;
    await turn();
    exporter.requests[2]!.answer(refusal);
    await expect(bad).rejects.toMatchObject({ retryable: false });
  });

  it('sends nothing of a trace that is not sampled, and nothing at all when it is off', async () => {
    const { exporter, commits } = setUp(() => false);
    await commits.export([commit(1)]);
    expect(exporter.requests).toHaveLength(0);
    const off = new CommitSpanExporter();
    await off.export([commit(1)]);
    expect(off.enabled).toBe(false);
  });

  it('refuses calls after a shutdown', async () => {
    const { commits } = setUp();
    await commits.shutdown();
    await expect(commits.export([commit(1)])).rejects.toMatchObject({ code: 'telemetry.stopped', retryable: true });
  });
});
