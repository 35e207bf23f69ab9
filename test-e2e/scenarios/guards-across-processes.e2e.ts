import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { REPOSITORY, createRunDirectory, startStack, type Stack } from '@holdfast/deploy';
import { GatewayClient } from '@holdfast/example-accounts-payable';
import { TASK_TYPE, TOOL_OF, type Script } from '../faults/application/scripts.ts';
import { Gateway } from '../faults/workload/gateway.ts';
import { BREAKER, RATE_LIMIT } from './guards/limits.ts';
import { until } from './installation.fixture.js';

interface Arrival {
  readonly at: number;
  readonly worker: string;
  readonly timeout: string;
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A service that says when it was asked and by whom, and fails while it is told to. */
async function startService() {
  const service = { arrivals: [] as Arrival[], down: false, served: [] as string[], url: '' };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk))).on('end', () => {
      service.arrivals.push({ at: performance.now(), worker: String(request.headers['x-worker']), timeout: String(request.headers['grpc-timeout']) });
      if (service.down) {
        response.writeHead(500).end();
        return;
      }
      const operation = request.method === 'POST' ? (JSON.parse(body) as { operation: string }).operation : undefined;
      if (operation !== undefined) service.served.push(operation);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(operation === undefined ? { effects: 0 } : { operation }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  }));
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return service;
}

/** Two adapter processes before that service. */
async function startTwo(url: string): Promise<Stack> {
  const directory = await createRunDirectory();
  stops.push(() => directory.remove());
  const application = join(REPOSITORY, 'test-e2e', 'scenarios', 'guards', 'application.ts');
  const stack = await startStack({
    directory, tenant: 'acme', partitions: 4, services: ['gateway', 'orchestrator', 'planner', 'policy', 'tool-adapters'], instances: { 'tool-adapters': 2 },
    application: { agents: application, tools: application, policies: join(REPOSITORY, 'test-e2e', 'faults', 'application', 'policies') }, environment: { CHAOS_WORLD_URL: url },
  });
  stops.push(() => stack.stop());
  return stack;
}

async function handIn(stack: Stack, runs: number, script: (run: number) => Script): Promise<void> {
  const gateway = new Gateway(stack.gatewayUrl, stack.apiKeys.operator);
  for (let run = 0; run < runs; run += 1) {
    const event = { specversion: '1.0', id: `run-${run}`, source: '/scenario', type: TASK_TYPE, data: { goal: `run ${run}`, script: script(run) } };
    await until(`the gateway to take run ${run}`, async () => ((await gateway.post('/v1/tasks', event, { 'content-type': 'application/cloudevents+json' })).status === 202 ? true : undefined));
  }
}

async function allEnded(stack: Stack, runs: number): Promise<void> {
  const client = new GatewayClient(stack.gatewayUrl, stack.apiKeys.operator);
  await until(`the end of ${runs} runs`, async () => ((await client.runs()).filter(({ status }) => status === 'completed').length === runs ? true : undefined));
}

describe('two tool adapters before one service', () => {
  it('together keep to the rate limit of a tool', async () => {
    const service = await startService();
    const stack = await startTwo(service.url);
    const RUNS = 16;
    await handIn(stack, RUNS, (run) => [[1, 2, 3].map((call) => ({ tool: TOOL_OF.read, operation: `record-${run}-${call}`, amount: 1 }))]);
    await allEnded(stack, RUNS);

    const { arrivals } = service;
    expect(arrivals).toHaveLength(RUNS * 3);
    expect(new Set(arrivals.map(({ worker }) => worker)).size).toBe(2);
    const inWindow = arrivals.map(({ at: from }) => arrivals.filter(({ at }) => at >= from && at < from + RATE_LIMIT.perMs).length);
    expect(Math.max(...inWindow)).toBeLessThanOrEqual(RATE_LIMIT.calls);
    for (const { timeout } of arrivals) expect(timeout).toMatch(/^\d{1,8}m$/);
  });

  it('together leave a failing service alone but for one call at a time, and go on when it has recovered', async () => {
    const service = await startService();
    const stack = await startTwo(service.url);
    service.down = true;
    const RUNS = 12;
    await handIn(stack, RUNS, (run) => [[{ tool: TOOL_OF.idempotent, operation: `record-${run}`, amount: 1 }]]);
    // Each process may have failed up to the threshold, and have one more call in hand, before both know.
    const untilOpen = 2 * BREAKER.failures;
    const PROBES = 4;
    await until('some probes', async () => (service.arrivals.length >= untilOpen + PROBES ? true : undefined));
    const whileDown = [...service.arrivals];
    service.down = false;
    await allEnded(stack, RUNS);

    const probes = whileDown.slice(untilOpen);
    // The next call begins after the failure of the last was answered, and then the time has to pass; timers are a millisecond early at most.
    for (const [index, { at }] of probes.slice(1).entries()) expect(at - (probes[index]?.at ?? 0)).toBeGreaterThanOrEqual(BREAKER.openMs - 2);
    expect(new Set(service.arrivals.map(({ worker }) => worker)).size).toBe(2);
    expect([...service.served].sort()).toEqual(Array.from({ length: RUNS }, (_, run) => `record-${run}`).sort());
  });
});
