import { JetStreamEventLog } from '@holdfast/event-log';
import type { RecordedCommit } from '@holdfast/contracts';
import { draftsOfRun } from '../../application/history.ts';
import { createBareStreams } from '../../floor/bare-streams.ts';
import { measurePublishes } from '../../floor/publishes.ts';
import { TENANT, type Installation } from '../../installation/installation.ts';
import { roleBus } from '../../installation/role-bus.ts';
import type { BenchmarkContext } from '../../suite/benchmark.ts';
import type { Figure } from '../../suite/figure.ts';
import { mean } from '../../suite/statistics.ts';

/** Slices of time in turn, so that a noisy moment falls on both. */
const SLICES = 4;
const SLICE_SECONDS = 0.4;

/** Appends a second of realistic commits, each fenced and waited for, alone and many at once, over bare publishes of as many bytes. */
export async function measureAppends(context: BenchmarkContext, installation: Installation): Promise<readonly Figure[]> {
  const log = new JetStreamEventLog(await roleBus(context, installation, 'orchestrator'), installation.stack.partitions);
  const seconds = SLICE_SECONDS * Math.max(0.2, context.options.scale);
  const draft = draftsOfRun('template', 1, 'waiting', Date.now())[1];
  if (draft === undefined) throw new TypeError('a waiting run has two commits');
  const bytes = JSON.stringify(draft).length + 500;
  const figures: Figure[] = [];
  let runs = 0;
  const appends = async (concurrency: number): Promise<number> => {
    const started = performance.now();
    let appended = 0;
    await Promise.all(Array.from({ length: concurrency }, async () => {
      runs += 1;
      const key = { tenant: TENANT, runId: `appended-${runs}` };
      let head: RecordedCommit | undefined;
      while (performance.now() - started < seconds * 1_000) {
        const answer = await log.append(key, { ...draft, route: 'wait' }, head);
        if (answer.status !== 'appended') throw new Error(`an append was answered with "${answer.status}"`);
        head = answer.recorded;
        appended += 1;
      }
    }));
    return appended / ((performance.now() - started) / 1_000);
  };
  await appends(16);
  for (const concurrency of [1, 16, 64]) {
    context.progress(`appends, ${concurrency} in flight`);
    const bare = await createBareStreams(installation.core, concurrency === 1 ? 1 : installation.stack.partitions);
    await measurePublishes(installation.core, bare, bytes, concurrency, seconds);
    const [rates, floors]: [number[], number[]] = [[], []];
    for (let slice = 0; slice < SLICES; slice += 1) {
      floors.push(await measurePublishes(installation.core, bare, bytes, concurrency, seconds));
      rates.push(await appends(concurrency));
    }
    await bare.remove();
    const [rate, floor] = [mean(rates), mean(floors)];
    figures.push(concurrency === 1
      ? { id: 'append_ms', title: 'append to the log, alone', value: 1_000 / rate, unit: 'ms', floor: 1_000 / floor, floorTitle: 'bare durable publish' }
      : { id: `appends_per_second_${concurrency}`, title: `appends a second, ${concurrency} in flight`, value: rate, unit: '/s', floor, floorTitle: 'bare durable publishes' });
  }
  return figures;
}
