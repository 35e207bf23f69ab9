import type { ProcessIdentity } from './process-identity.mjs';

export class LockTimeoutError extends Error {
  constructor(path: string, holder: ProcessIdentity | undefined);
}
export interface LockOptions {
  readonly timeoutSeconds?: number;
  readonly onWait?: (holder: ProcessIdentity) => void;
}
export function withLock<Result>(path: string, action: () => Promise<Result>, options?: LockOptions): Promise<Result>;
