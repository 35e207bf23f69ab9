import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRunDirectory, startStack, type RunDirectory, type Stack } from '@holdfast/deploy';
import { application } from './application.js';
import { planKills, strike, type Kill } from './demo/chaos.js';
import { GatewayClient, type RunDetail } from './demo/gateway-client.js';
import { checkPromises, decisionOf } from './demo/promises.js';
import { TaskPublisher } from './demo/publisher.js';
import { invoiceLines, killLines, promiseLines, refusalLines, survived } from './demo/report.js';
import { World } from './demo/world.js';
import { readExpectedOutcomes, readInvoiceEvents } from './example-data.js';

/** On a broker that others use too, each demonstration is a tenant of its own, or its invoices would be known already. */
const TENANT = (process.env['NATS_URL'] ?? '') === '' ? 'acme' : `demo-${Date.now()}`;
/** Between two invoices, so that there is work in hand whenever something is killed. */
const PACE_MS = 300;
/** A real model takes its time. */
const PATIENCE_MS = process.env['HOLDFAST_MODEL'] === undefined ? 60_000 : 600_000;

const started = performance.now();
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (text: string): void => say(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}`);

/** Things to stop, in the order of their start. */
const running: { stop(): Promise<unknown> }[] = [];
let interrupted = false;

async function main(): Promise<number> {
  const seed = seedOf(process.argv.slice(2));
  const directory = await createRunDirectory();
  running.push({ stop: () => directory.remove() });
  try {
    return await demonstrate(directory, seed);
  } finally {
    await stopEverything();
  }
}

async function demonstrate(directory: RunDirectory, seed: number): Promise<number> {
  say(`Holdfast: thirty invoices, an agent that pays them, and SIGKILL for everybody (seed ${seed}).\n`);
  const world = await World.start(directory, seed);
  running.push(world);
  const starting = startStack({
    directory, application, tenant: TENANT, environment: { COMPANY_URL: world.url }, onProgress: (what) => void (interrupted || tell(what)),
  });
  // An interruption during the start waits for what has begun, so that nothing is left behind.
  running.push({ stop: async () => (await starting.catch(() => undefined))?.stop() });
  const stack = await starting;
  const expected = new Map(Object.entries(readExpectedOutcomes()));
  const gateway = new GatewayClient(stack.gatewayUrl, stack.apiKeys.operator);
  const kills = planKills(seed, expected.size, stack.broker !== undefined);
  const publisher = await TaskPublisher.connect(stack.brokerUrl, stack.identities?.publisher.seed, TENANT);
  running.push({ stop: () => publisher.close() });

  const watching = watch(gateway, expected.size);
  await publishAll(publisher, stack, kills);
  await watching;

  const details = await detailsOf(gateway);
  const audit = await world.audit();
  const histories = await Promise.all([...details.values()].map((run) => gateway.events(run.runId)));
  const everythingEnded = details.size === expected.size && [...details.values()].every((run) => run.status === 'completed');
  const promises = checkPromises({ expected, runs: details, audit, plannedKills: kills.length, survivedKills: kills.filter((kill) => survived(kill, histories, everythingEnded)).length, scripted: process.env['HOLDFAST_MODEL'] === undefined });

  say(`\nDecisions\n${invoiceLines(expected, details).join('\n')}`);
  say(`\nKills survived\n${killLines(kills, histories).join('\n')}`);
  if (stack.crashes.length > 0) say(`  and ended by themselves: ${stack.crashes.join(', ')}`);
  say(`\nThe hijacked invoice\n${refusalLines(expected, details).join('\n')}`);
  say(`\nWhy was it paid? The whole chain of one payment, from the log\n${indent(await whyPaid(gateway, details, expected.keys()))}`);
  say(`\nPayments as the company's own system counted them: ${audit.counts.payments} (duplicates: ${audit.counts.duplicates})`);
  say(`\nPromises\n${promiseLines(promises).join('\n')}`);
  const broken = promises.filter((entry) => !entry.kept).length;
  say(broken === 0 ? `\nAll promises kept in ${((performance.now() - started) / 1000).toFixed(0)} seconds.` : `\n${broken === 1 ? 'One promise was' : `${broken} promises were`} broken.`);
  return broken === 0 ? 0 : 1;
}

/** Publishes at an even pace, and strikes when it is time; the first invoice is delivered twice, as queues do. */
async function publishAll(publisher: TaskPublisher, stack: Stack, kills: readonly Kill[]): Promise<void> {
  const events = readInvoiceEvents();
  const strikes: Promise<void>[] = [];
  for (const [index, event] of events.entries()) {
    await publisher.publish(event);
    if (index === 0) await publisher.publish(event);
    for (const kill of kills.filter((candidate) => candidate.afterInvoice === index + 1)) {
      // One at a time: the next waits until the last has been survived.
      await Promise.all(strikes);
      tell(`SIGKILL ${kill.victim}`);
      const striking = strike(stack, kill).then(() => tell(`${kill.victim} serves again`));
      // Its failure is heard where all strikes are awaited.
      striking.catch(() => undefined);
      strikes.push(striking);
    }
    await sleep(PACE_MS);
  }
  await Promise.all(strikes);
  tell(`${events.length} invoices published`);
}

/** Shows each run's end as it comes, answers approvals as the operator, and resolves when all runs have ended. */
async function watch(gateway: GatewayClient, expected: number): Promise<void> {
  const ended = new Set<string>();
  const answered = new Set<string>();
  const deadline = performance.now() + PATIENCE_MS;
  while (ended.size < expected && performance.now() < deadline && !interrupted) {
    await sleep(150);
    try {
      for (const run of await gateway.runs()) {
        for (const { approvalId } of run.approvalsWaiting) {
          const name = `${run.runId}/${approvalId}`;
          if (answered.has(name)) continue;
          const asked = (await gateway.run(run.runId)).approvals.find((approval) => approval.approvalId === approvalId);
          await gateway.approve(run.runId, approvalId, 'Checked against the contract.');
          answered.add(name);
          tell(`approved by the operator: ${asked?.reasons.join(' ') ?? approvalId}`);
        }
        if (ended.has(run.runId) || !['completed', 'failed', 'cancelled'].includes(run.status)) continue;
        const detail = await gateway.run(run.runId);
        ended.add(run.runId);
        tell(`${String(ended.size).padStart(2)}/${expected}  ${invoiceNumberOf(detail)} ${decisionOf(detail)?.decision ?? detail.status}`);
      }
    } catch (error) {
      tell(`the gateway is not answering just now: ${error instanceof Error ? error.message.slice(0, 100) : String(error)}`);
      await sleep(500);
    }
  }
}

function invoiceNumberOf(run: RunDetail): string {
  return run.stepsTaken.flatMap((step) => step.calls).map((call) => call.arguments['invoiceNumber'] ?? call.arguments['reference']).find((value) => typeof value === 'string')?.toString() ?? run.taskId;
}

async function detailsOf(gateway: GatewayClient): Promise<ReadonlyMap<string, RunDetail>> {
  const runs = await gateway.runs();
  const details = await Promise.all(runs.map((run) => gateway.run(run.runId)));
  return new Map(details.map((run) => [run.taskId, run]));
}

/** The payment that a person approved, or else the first that was made. */
async function whyPaid(gateway: GatewayClient, runs: ReadonlyMap<string, RunDetail>, ids: Iterable<string>): Promise<string> {
  const paid = [...ids].flatMap((id) => {
    const run = runs.get(id);
    const call = run?.stepsTaken.flatMap((step) => step.calls).find((candidate) => candidate.tool === 'pay_invoice' && candidate.status === 'succeeded');
    return run === undefined || call === undefined ? [] : [{ run, call }];
  });
  const chosen = paid.find(({ run }) => run.approvals.length > 0) ?? paid[0];
  return chosen === undefined ? 'Nothing was paid.' : gateway.why(chosen.run.runId, chosen.call.callId);
}

function indent(text: string): string {
  return text.trimEnd().split('\n').map((line) => `  ${line}`).join('\n');
}

function seedOf(args: readonly string[]): number {
  const { values } = parseArgs({ args: [...args], options: { seed: { type: 'string' } } });
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0) throw new TypeError('--seed takes a whole number, for example --seed 7');
  return seed;
}

async function stopEverything(): Promise<void> {
  for (const thing of running.splice(0).reverse()) await thing.stop().catch(() => undefined);
}

// Whoever reads our output may be gone (`| head`).
process.stdout.on('error', () => process.kill(process.pid, 'SIGTERM'));
for (const [signal, code] of [['SIGHUP', 129], ['SIGINT', 130], ['SIGTERM', 143]] as const) {
  process.once(signal, () => {
    if (interrupted) return;
    interrupted = true;
    tell('interrupted: stopping everything');
    void stopEverything().finally(() => process.exit(code));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  say(`\n${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof Error && 'remedy' in error) say(String(error.remedy));
  process.exitCode = 1;
}
