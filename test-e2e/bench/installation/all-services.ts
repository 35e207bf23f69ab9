import type { InstanceName, Stack } from '@holdfast/deploy';

/** The names of a stack's processes, without the broker. */
export const namesOf = (stack: Stack): readonly InstanceName[] => Object.keys(stack.services) as InstanceName[];

/** SIGKILL to every service at once; resolves when all are gone. */
export async function killAll(stack: Stack): Promise<void> {
  await Promise.all(namesOf(stack).map((name) => stack.kill(name)));
}

/** Starts every service; milliseconds until all are ready. `onFailure` is told of one that does not come up; else it throws. */
export async function startAll(stack: Stack, onFailure?: (name: InstanceName, error: unknown) => void): Promise<number> {
  const started = performance.now();
  await Promise.all(namesOf(stack).map((name) => stack.start(name).catch((error: unknown) => {
    if (onFailure === undefined) throw error;
    onFailure(name, error);
  })));
  return performance.now() - started;
}
