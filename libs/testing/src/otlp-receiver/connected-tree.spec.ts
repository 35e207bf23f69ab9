import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ATTRIBUTE, commitSpanId, runSpanId, runTraceId } from '@holdfast/observability';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.js';
import { type TraceShape, traceForest } from './trace-forest.js';

const traceId = runTraceId('acme', 'run-1');

/** Lets Node run the sources as they are: relative imports end in `.js` where the file ends in `.ts`. */
const sourceHook = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve: (specifier, context, next) => {
    try { return next(specifier, context); }
    catch (error) { if (!/^\\.{1,2}\\/.*\\.js$/.test(specifier)) throw error; return next(specifier.slice(0, -3) + '.ts', context); }
  } });`)}`;

let processes: ChildProcess[] = [];

function startWorker(role: 'first' | 'second', processor: 'subtrees' | 'plain', endpoint: string): ChildProcess {
  const worker = spawn(process.execPath, [
    '--no-warnings', '--experimental-transform-types', '--conditions=holdfast-source', '--import', sourceHook,
    fileURLToPath(new URL('./worker.fixture.ts', import.meta.url)), role, processor,
  ], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '500' } });
  processes.push(worker);
  return worker;
}

/** Starts the first worker, kills it in the middle of its work, and lets the second one finish the run. */
async function killAndTakeOver(receiver: OtlpReceiver, processor: 'subtrees' | 'plain'): Promise<TraceShape> {
  const first = startWorker('first', processor, receiver.endpoint);
  const [said] = await Promise.race([once(first.stdout!, 'data'), once(first, 'exit').then(([code]) => [`exited with ${code}`])]);
  expect(String(said)).toBe('in the middle\n');
  first.kill('SIGKILL');
  const [, signal] = await once(first, 'exit');
  expect(signal).toBe('SIGKILL');
  const second = startWorker('second', processor, receiver.endpoint);
  const [code] = await once(second, 'exit');
  expect(code).toBe(0);
  return traceForest(receiver.spans()).trace(traceId);
}

describe('the trace of a run whose worker was killed', () => {
  let receiver: OtlpReceiver;
  beforeEach(async () => { receiver = await startOtlpReceiver(); });
  afterEach(async () => {
    for (const worker of processes) worker.kill('SIGKILL');
    processes = [];
    await receiver.stop();
  });

  it('is one connected tree with the work of both processes', async () => {
    const trace = await killAndTakeOver(receiver, 'subtrees');

    expect(trace.orphans).toEqual([]);
    expect(trace.isOneConnectedTree).toBe(true);
    expect(trace.roots.map((span) => [span.name, span.spanId])).toEqual([['run', runSpanId('acme', 'run-1')]]);
    const names = trace.spans.map((span) => `${span.resource['service.name']}: ${span.name}`).sort();
    expect(names).toEqual([
      'worker-first: chat model-a', 'worker-first: commit plan', 'worker-first: commit plan', 'worker-first: finished child',
      'worker-first: policy authorize', 'worker-first: run',
      'worker-second: chat model-b', 'worker-second: child of the second', 'worker-second: commit end', 'worker-second: policy authorize',
    ]);
    // The second worker projected commits 1 and 2 again: three spans with the ids they had before.
    expect(traceForest(receiver.spans()).repetitions).toBe(3);
  });

  it('hangs a called service below the commit, and only links to the caller that was killed', async () => {
    const trace = await killAndTakeOver(receiver, 'subtrees');

    const called = trace.spans.filter((span) => span.name === 'policy authorize');
    expect(called.map((span) => span.parentSpanId)).toEqual([commitSpanId('commit-2'), commitSpanId('commit-2')]);
    const known = new Set(trace.spans.map((span) => span.spanId));
    const callers = called.map((span) => span.links.map((link) => [link.attributes[ATTRIBUTE.linkKind], known.has(link.spanId)]));
    expect(callers).toEqual([[['caller', false]], [['caller', true]]]);
  });

  it('would have orphans with the plain batch processor', async () => {
    const trace = await killAndTakeOver(receiver, 'plain');

    expect(trace.orphans.map((span) => span.name)).toEqual(['child of the killed']);
    expect(trace.isOneConnectedTree).toBe(false);
    expect(trace.components).toHaveLength(2);
  });

  it('holds up no worker when nobody listens at the endpoint', async () => {
    const unused = createServer().listen(0, '127.0.0.1');
    await once(unused, 'listening');
    const { port } = unused.address() as { port: number };
    unused.close();
    await once(unused, 'close');

    const worker = startWorker('second', 'subtrees', `http://127.0.0.1:${port}`);
    worker.stdout!.resume();
    const [code] = await once(worker, 'exit');

    expect(code).toBe(0);
  });
});
