/** What tells a process from every other that had or will have its identifier. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In the system's own unit; only good for comparison. */
  readonly startTime: string;
  readonly boot: string;
  readonly namespace: string;
}
export function identityOf(pid: number): ProcessIdentity | undefined;
export function isAlive(identity: ProcessIdentity): boolean;
export function isReachable(identity: ProcessIdentity): boolean;
export function parseIdentity(text: string): ProcessIdentity | undefined;
