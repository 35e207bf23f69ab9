import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** Longer than the acknowledgement waits, the leases and the age of a claim. */
const PAUSE_MS = 5_000;

/** A paused process is as good as dead to the others, and then it wakes up and goes on where it was. */
export const pause: Fault = {
  name: 'pause',
  summary: 'SIGSTOP to two services for longer than leases and acknowledgement waits, then SIGCONT',
  needs: [],
  async inflict({ stack, random, strike, say }) {
    await sleep(random.between(200, 800));
    const victims = random.shuffle(Object.entries(stack.services)).slice(0, 2);
    const pids = victims.flatMap(([, { pid }]) => (pid === undefined ? [] : [pid]));
    say(`paused: ${victims.map(([name]) => name).join(', ')}`);
    try {
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await sleep(PAUSE_MS);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    strike(`pause:${victims.map(([name]) => name).sort().join('+')}`);
  },
};

export const pauseBroker: Fault = {
  name: 'pause-broker',
  summary: 'SIGSTOP to the broker for five seconds, then SIGCONT',
  needs: [],
  async inflict({ stack, random, strike }) {
    await sleep(random.between(200, 800));
    const pid = stack.broker?.pid;
    if (pid === undefined) throw new TypeError('the broker does not run');
    try {
      process.kill(pid, 'SIGSTOP');
      await sleep(PAUSE_MS);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    strike('pause-broker');
  },
};
