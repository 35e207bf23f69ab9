import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';

export interface ChildSettings {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Bytes of each output that are kept: half from its beginning, half from its end. */
  readonly outputBytes: number;
}

export interface Output {
  readonly text: string;
  /** Bytes that were written altogether. */
  readonly bytes: number;
  readonly sha256: string;
}

export interface ChildResult {
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Runs a program to its end, or ends it with everything that hangs on it when its time is over. Rejects when it cannot be started. */
export function runChild(command: string, args: readonly string[], settings: ChildSettings): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd: settings.cwd, env: { ...settings.env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stdout = new Kept(settings.outputBytes);
    const stderr = new Kept(settings.outputBytes);
    let timedOut = false;
    const end = (): void => {
      timedOut = true;
      // The whole group, since a child of the child may hold the pipes open.
      if (child.pid !== undefined) try { process.kill(-child.pid, 'SIGKILL'); } catch { /* It has ended by itself. */ }
    };
    const timer = setTimeout(end, settings.timeoutMs);
    settings.signal.addEventListener('abort', end);
    if (settings.signal.aborted) end();
    const settled = (): void => {
      clearTimeout(timer);
      settings.signal.removeEventListener('abort', end);
    };
    child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    child.once('error', (error) => {
      settled();
      reject(error);
    });
    child.once('close', (exitCode) => {
      settled();
      resolve({ exitCode, timedOut, stdout: stdout.output, stderr: stderr.output });
    });
  });
}

/** The beginning and the end of an output, and the digest of all of it. */
class Kept {
  private readonly hash = createHash('sha256');
  private head = Buffer.alloc(0);
  private tail = Buffer.alloc(0);
  private bytes = 0;

  constructor(private readonly limit: number) {}

  add(chunk: Buffer): void {
    this.hash.update(chunk);
    this.bytes += chunk.byteLength;
    const half = Math.floor(this.limit / 2);
    const room = half - this.head.byteLength;
    if (room > 0) this.head = Buffer.concat([this.head, chunk.subarray(0, room)]);
    const rest = room > 0 ? chunk.subarray(room) : chunk;
    if (rest.byteLength > 0) this.tail = Buffer.concat([this.tail, rest]).subarray(-half);
  }

  get output(): Output {
    const left = this.bytes - this.head.byteLength - this.tail.byteLength;
    const text = left > 0 ? `${this.head.toString('utf8')}\n… ${left} bytes are left out …\n${this.tail.toString('utf8')}` : Buffer.concat([this.head, this.tail]).toString('utf8');
    return { text, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}
