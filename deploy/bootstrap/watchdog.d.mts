import type { ChildProcess, SpawnOptions, StdioNull, StdioPipe } from 'node:child_process';

export interface GuardedOptions extends Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'> {
  readonly stdio?: readonly [StdioNull | StdioPipe | number, StdioNull | StdioPipe | number, StdioNull | StdioPipe | number];
}
export function spawnGuarded(command: string, args: readonly string[], options?: GuardedOptions): ChildProcess;
