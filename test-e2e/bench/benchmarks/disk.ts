import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstallation } from '../installation/installation.ts';
import { RunLoad } from '../installation/run-load.ts';
import { countStreams, writesBetween } from '../installation/stream-counts.ts';
import type { Benchmark } from '../suite/benchmark.ts';

const RUNS = 400;
/** The peers were measured at this length. */
const STEPS = 10;
/** The broker writes its indexes and the consumers' states some seconds later. */
const SETTLE_MS = 4_000;
const SECTOR = 512;

/** What runs leave on disk, as `du` counts it: everything in the broker's store, indexes and consumers' states included. */
export const disk: Benchmark = {
  name: 'disk',
  about: 'bytes on disk of a run of 10 steps',
  limitSeconds: 90,
  async run(context) {
    const { options: { scale, concurrency } } = context;
    const installation = await startInstallation(context);
    const store = join(installation.directory.path, 'broker', 'store');
    const load = await RunLoad.start(installation);
    await load.one({ steps: STEPS });
    await sleep(SETTLE_MS * scale);
    const before = { bytes: await bytesOf(store), streams: await countStreams(installation.core) };
    const count = Math.max(10, Math.round(RUNS * scale));
    context.progress(`${count} runs of ${STEPS} steps`);
    let left = count;
    await Promise.all(Array.from({ length: Math.min(concurrency, count) }, async () => {
      for (; left > 0;) {
        left -= 1;
        await load.one({ steps: STEPS });
      }
    }));
    await sleep(SETTLE_MS * scale);
    const bytes = (await bytesOf(store)) - before.bytes;
    const streams = await countStreams(installation.core);
    load.stop();
    const writes = writesBetween(before.streams, streams);
    const grown = (prefix: string): number => bytesIn(streams, prefix) - bytesIn(before.streams, prefix);
    return [
      { id: 'bytes_per_run', title: `bytes on disk, a run of ${STEPS} steps`, value: bytes / count, unit: 'B', target: { of: 'value', atMost: 7_000 } },
      { id: 'bytes_per_step', title: 'bytes on disk, a step', value: bytes / count / STEPS, unit: 'B' },
      { id: 'log_bytes_per_run', title: 'bytes of a run in the log, as the broker counts them uncompressed', value: grown('LOG-') / count, unit: 'B' },
      { id: 'ledger_bytes_per_run', title: 'bytes of a run in the ledger', value: grown('EFFECTS') / count, unit: 'B' },
      { id: 'commit_bytes', title: 'mean bytes of a commit', value: writes.commitBytes, unit: 'B' },
      { id: 'commits_per_run', title: 'commits of a run', value: writes.commits / count, unit: '' },
    ];
  },
};

function bytesIn(streams: Awaited<ReturnType<typeof countStreams>>, prefix: string): number {
  return streams.filter(({ name }) => name.startsWith(prefix)).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Bytes that the files below a folder occupy. */
async function bytesOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    // The broker replaces its index files while they are being counted.
    const status = entry.isFile() ? await lstat(join(entry.parentPath, entry.name)).catch(() => undefined) : undefined;
    bytes += (status?.blocks ?? 0) * SECTOR;
  }
  return bytes;
}
