import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';
import { FAILPOINT_NAMES, type FailpointName } from '../injection/failpoints.ts';
import type { Fault, Scene } from './fault.ts';

/** Under load every point is passed many times a second. */
const REACHED_WITHIN_MS = 15_000;
const POINTS_A_ROUND = 4;
type ProcessName = Parameters<Scene['stack']['kill']>[0];

/** The process kills itself at the point, and whoever supervises it starts it again. */
async function dieAt(scene: Scene, point: FailpointName): Promise<void> {
  scene.orders.arm(point);
  const deadline = Date.now() + REACHED_WITHIN_MS;
  while (scene.orders.hitAt(point) === undefined) {
    if (Date.now() > deadline) {
      scene.orders.disarm(point);
      throw new HoldfastError({ code: 'chaos.failpoint-unreached', message: `No process came to the failpoint "${point}" within ${REACHED_WITHIN_MS / 1_000} s.`, retryable: false, remedy: 'Correct what test-e2e/faults/injection wraps, or give the workload something that passes there.' });
    }
    await sleep(10);
  }
  scene.strike(`kill-at-failpoints:${point}`);
  scene.killed();
}

export const killAtFailpoints: Fault = {
  name: 'kill-at-failpoints',
  summary: 'SIGKILL to a service at a named moment of its work, four moments a round',
  needs: [],
  async inflict(scene) {
    for (const point of scene.random.shuffle(FAILPOINT_NAMES).slice(0, POINTS_A_ROUND)) {
      await dieAt(scene, point);
      await sleep(scene.loadMs / (POINTS_A_ROUND * 3));
    }
  },
};

export const killAtRandom: Fault = {
  name: 'kill-at-random',
  summary: 'SIGKILL to every process of every service once, in any order and at any moment, two at a time at times',
  needs: [],
  async inflict(scene) {
    const victims = scene.random.shuffle(Object.keys(scene.stack.services)) as ProcessName[];
    for (let next = 0; next < victims.length; ) {
      const group = victims.slice(next, next + (scene.random.chance(0.3) ? 2 : 1));
      next += group.length;
      await sleep(scene.random.between(0, 400));
      await Promise.all(group.map((victim) => killAndStart(scene, 'kill-at-random', victim)));
    }
  },
};

export const killBroker: Fault = {
  name: 'kill-broker',
  summary: 'SIGKILL to the broker, twice',
  needs: [],
  async inflict(scene) {
    for (let kill = 0; kill < 2; kill += 1) {
      await sleep(scene.random.between(200, 800));
      await killAndStart(scene, 'kill-broker', 'broker');
    }
  },
};

export const killEverything: Fault = {
  name: 'kill-everything',
  summary: 'SIGKILL to the broker and all services at once, as when a machine is switched off and on',
  needs: [],
  async inflict(scene) {
    await sleep(scene.random.between(500, 1_500));
    const names = ['broker', ...Object.keys(scene.stack.services)] as ProcessName[];
    await Promise.all(names.map((name) => scene.stack.kill(name)));
    names.forEach(() => scene.killed());
    scene.strike('kill-everything');
    await Promise.all(names.map((name) => scene.stack.start(name)));
  },
};

async function killAndStart(scene: Scene, fault: string, victim: ProcessName): Promise<void> {
  await scene.stack.kill(victim);
  scene.killed();
  scene.strike(`${fault}:${victim}`);
  await scene.stack.start(victim);
}
