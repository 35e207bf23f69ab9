import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LoopDisk, SmallDisk } from '../machine/disks.ts';
import { Interference } from '../machine/slow-disk.ts';
import type { Fault, Preparation, Scene, Site } from './fault.ts';

const LOOP_DISK_MEGABYTES = 256;
const SMALL_DISK_MEGABYTES = 48;
const FSYNC_DELAY_MICROSECONDS = 50_000;
const POWER_CUTS = 2;
const BURST = 40;

/** Where the stack's own broker keeps its files. */
async function storeOf({ directory }: Site): Promise<string> {
  return join(await directory.folder('broker'), 'store');
}

const loopDisks = new WeakMap<Site['orders'], LoopDisk>();
const smallDisks = new WeakMap<Site['orders'], SmallDisk>();

async function onLoopDisk(site: Site): Promise<Preparation> {
  const disk = await LoopDisk.create(await site.directory.folder('disks'), await storeOf(site), LOOP_DISK_MEGABYTES);
  loopDisks.set(site.orders, disk);
  return { undo: () => disk.remove() };
}

export const powerLoss: Fault = {
  name: 'power-loss',
  summary: 'the broker\'s machine loses its power: only what was synced to its disk is there when it comes back',
  needs: ['root', 'unshare', 'mount', 'losetup', 'mkfs.ext4'],
  isolated: 'mounts',
  prepare: onLoopDisk,
  async inflict(scene) {
    // An installation is older than its first load, so that its streams themselves are safe in any case.
    await loopDisks.get(scene.orders)?.sync();
    for (let cut = 0; cut < POWER_CUTS; cut += 1) {
      await sleep(scene.random.between(500, 1_300));
      // In the very moment in which senders are told that their tasks are safe.
      await scene.burst(BURST);
      await scene.stack.kill('broker');
      await loopDisks.get(scene.orders)?.cutPower();
      scene.killed();
      scene.strike('power-loss');
      await scene.stack.start('broker');
    }
  },
};

export const diskFull: Fault = {
  name: 'disk-full',
  summary: 'the broker\'s disk is full for two seconds, then there is room again and the broker is restarted, as its operator would',
  needs: ['root', 'unshare', 'mount'],
  isolated: 'mounts',
  async prepare(site): Promise<Preparation> {
    const disk = await SmallDisk.create(await storeOf(site), SMALL_DISK_MEGABYTES);
    smallDisks.set(site.orders, disk);
    return { undo: () => disk.remove() };
  },
  async inflict(scene) {
    const disk = smallDisks.get(scene.orders);
    await sleep(scene.random.between(500, 1_000));
    await disk?.fill();
    await sleep(2_000);
    await disk?.free();
    // nats-server switches JetStream off when its disk is full, and only a restart switches it on again.
    await restartBroker(scene);
    scene.strike('disk-full');
  },
};

export const slowFsync: Fault = {
  name: 'slow-fsync',
  summary: `every fsync of the broker takes ${FSYNC_DELAY_MICROSECONDS / 1_000} ms longer`,
  needs: ['root', 'strace'],
  async inflict(scene) {
    await interfere(scene, `delay_exit=${FSYNC_DELAY_MICROSECONDS}`);
    scene.strike('slow-fsync');
  },
};

export const failingFsync: Fault = {
  name: 'failing-fsync',
  summary: 'every fourth fsync of the broker fails with an input/output error; then the disk is well again and the broker is restarted',
  needs: ['root', 'strace'],
  async inflict(scene) {
    await interfere(scene, 'error=EIO:when=4+4');
    await restartBroker(scene);
    scene.strike('failing-fsync');
  },
};

export const unsyncedPowerLoss: Fault = {
  name: 'unsynced-power-loss',
  summary: 'for a second every fsync of the broker fails with an input/output error, and then its machine loses its power',
  needs: ['root', 'unshare', 'mount', 'losetup', 'mkfs.ext4', 'strace'],
  known: 'nats-server shows readers what it could not sync, and an append that is settled by reading back takes it for durable',
  isolated: 'mounts',
  prepare: onLoopDisk,
  async inflict(scene) {
    await loopDisks.get(scene.orders)?.sync();
    await sleep(scene.random.between(500, 1_300));
    const interference = await Interference.start(pidOfBroker(scene), 'error=EIO');
    await scene.burst(BURST);
    await sleep(1_000);
    await scene.stack.kill('broker');
    await loopDisks.get(scene.orders)?.cutPower();
    await interference.stop();
    scene.killed();
    scene.strike('unsynced-power-loss');
    await scene.stack.start('broker');
  },
};

function pidOfBroker({ stack }: Scene): number {
  const pid = stack.broker?.pid;
  if (pid === undefined) throw new TypeError('the broker does not run');
  return pid;
}

async function interfere(scene: Scene, how: string): Promise<void> {
  await sleep(scene.random.between(200, 600));
  const interference = await Interference.start(pidOfBroker(scene), how);
  await sleep(scene.loadMs * 0.6);
  await interference.stop();
}

async function restartBroker({ stack, killed }: Scene): Promise<void> {
  await stack.kill('broker');
  killed();
  await stack.start('broker');
}
