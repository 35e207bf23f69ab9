import { readFileSync } from 'node:fs';
import type { Stack } from '@holdfast/deploy';

/** Values by process: `broker`, the services, and `load` for this process, which makes the load and listens. */
export type ByProcess = Readonly<Record<string, number>>;

export function pidsOf(stack: Stack): ByProcess {
  const services = Object.entries(stack.services).map(([name, service]) => [name, service.pid] as const);
  const pids: readonly (readonly [string, number | undefined])[] = [['broker', stack.broker?.pid], ...services];
  return Object.fromEntries(pids.filter((entry): entry is [string, number] => entry[1] !== undefined));
}

/** The kernel counts in ticks of a hundredth of a second (`sysconf(_SC_CLK_TCK)`, which is 100 on Linux). */
const TICK_SECONDS = 0.01;

/** Seconds of processor time, user and system, that each process has used so far (`/proc`, so Linux only). */
export function processorSeconds(stack: Stack): ByProcess {
  return Object.fromEntries(Object.entries(pidsOf(stack)).flatMap(([name, pid]) => {
    try {
      // The name in brackets may hold blanks; the fields after it are counted from the state, the third.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      return [[name, (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS]];
    } catch {
      return [];
    }
  }));
}

/** Resident bytes of each process. */
export function residentBytes(stack: Stack): ByProcess {
  return Object.fromEntries(Object.entries(pidsOf(stack)).flatMap(([name, pid]) => {
    try {
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return kilobytes === undefined ? [] : [[name, Number(kilobytes) * 1_024]];
    } catch {
      return [];
    }
  }));
}

/** What each process used between two readings. */
export function difference(before: ByProcess, after: ByProcess): ByProcess {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}
