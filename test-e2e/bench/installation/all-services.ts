import type { InstanceName, Stack } from '@holdfast/deploy';

/** The names of a stack's processes, without the broker. */
export const namesOf = (stack: Stack): readonly InstanceName[] => Object.keys(stack.services) as InstanceName[];

/** SIGKILL to every service at once; resolves when all are gone. */
export async function killAll(stack: Stack): Promise<void> {
  await Promise.all(namesOf(stack).map((name) => stack.kill(name)));
}

/** Starts every service; milliseconds until all are ready. */
export async function startAll(stack: Stack): Promise<number> {
  const started = performance.now();
  await Promise.all(namesOf(stack).map((name) => stack.start(name)));
  return performance.now() - started;
}
