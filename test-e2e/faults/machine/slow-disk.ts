import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';

const ATTACH_MS = 10_000;

/** Lets strace interfere with how a running process reaches its disk, from its start to its end. */
export class Interference {
  readonly #strace: ChildProcess;

  private constructor(strace: ChildProcess) {
    this.#strace = strace;
  }

  /** `how` is what strace's `inject` takes behind the calls: `delay_exit=<microseconds>` or `error=EIO`. */
  static async start(pid: number, how: string): Promise<Interference> {
    const strace = spawn('strace', ['-f', '-q', '-p', String(pid), '-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:${how}`, '-o', '/dev/null'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    strace.stderr.on('data', (chunk: Buffer) => { said += chunk.toString('utf8'); });
    const ended = once(strace, 'exit').then(() => { throw new HoldfastError({ code: 'chaos.command-failed', message: `strace ended: ${said.trim()}`, retryable: false, remedy: 'Let this machine trace processes (kernel.yama.ptrace_scope, CAP_SYS_PTRACE).' }); });
    ended.catch(() => undefined);
    await Promise.race([untilTraced(pid), ended]);
    return new Interference(strace);
  }

  async stop(): Promise<void> {
    if (this.#strace.exitCode !== null || this.#strace.signalCode !== null) return;
    const ended = once(this.#strace, 'exit');
    this.#strace.kill('SIGTERM');
    await ended;
  }
}

async function untilTraced(pid: number): Promise<void> {
  const deadline = Date.now() + ATTACH_MS;
  while (Date.now() < deadline) {
    const tracer = /^TracerPid:\s+(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (tracer !== undefined && tracer !== '0') return;
    await sleep(20);
  }
}
