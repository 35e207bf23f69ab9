import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { systemClock } from '@holdfast/tool-sdk';
import { textLines } from './text-lines.js';

/** How long a server may take to end when its input ends, again after SIGTERM, and again after SIGKILL. */
const GRACE_MS = 2_000;
/** How long the output of a server that has ended is read on. */
const DRAIN_MS = 500;
const LONGEST_LINE = 2_000;

export interface ServerProcessSettings {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** Takes each line that the server writes to standard error, of at most 2,000 characters. */
  readonly onLine: (line: string) => void;
}

/**
 * The stdio transport of MCP, to a server that leads a process group of its own: whatever the server started ends with it, however it
 * ends. The SDK's own transport signals the server alone and has no option for more; the framing of messages is the SDK's. A process that
 * leaves the group (`setsid`) is not ended.
 */
export class ServerProcess implements Transport {
  onmessage: Transport['onmessage'];
  onerror: Transport['onerror'];
  onclose: Transport['onclose'];
  private child: ChildProcessWithoutNullStreams | undefined;
  private closing: Promise<void> | undefined;
  private readonly buffer = new ReadBuffer();

  constructor(private readonly settings: ServerProcessSettings) {}

  /** Rejects with Node's error when there is no such program. */
  async start(): Promise<void> {
    const { command, args, env, cwd, onLine } = this.settings;
    const child = spawn(command, args, { env, detached: true, stdio: 'pipe', ...(cwd === undefined ? {} : { cwd }) });
    this.child = child;
    child.on('error', (error) => this.onerror?.(error));
    child.stdout.on('data', (chunk: Buffer) => this.read(chunk));
    const lines = textLines(LONGEST_LINE, onLine);
    child.stderr.setEncoding('utf8').on('data', lines.write).once('close', lines.end);
    // Whoever sends is told by the callback of the write.
    child.stdin.on('error', () => undefined);
    child.once('exit', () => {
      this.signal('SIGKILL');
      // A process that left the group may hold the pipes open for ever; the connection is lost all the same.
      const timer = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), DRAIN_MS);
      child.once('close', () => clearTimeout(timer));
    });
    child.once('close', () => {
      this.child = undefined;
      this.onclose?.();
    });
    await once(child, 'spawn');
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.child === undefined) throw new Error('the server does not run');
      this.child.stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Ends the server as the specification of MCP has it: the end of its input, then SIGTERM, then SIGKILL. Takes at most three times the grace. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined) return;
    const over = new AbortController();
    child.once('close', () => over.abort());
    child.stdin.end();
    await systemClock.sleep(GRACE_MS, over.signal);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (over.signal.aborted) return;
      this.signal(signal);
      await systemClock.sleep(GRACE_MS, over.signal);
    }
  }

  private signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody of the group is left.
    }
  }

  private read(chunk: Buffer): void {
    try {
      this.buffer.append(chunk);
    } catch (error) {
      this.report(error);
      void this.close();
    }
    for (;;) {
      try {
        const message = this.buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch (error) {
        this.report(error);
      }
    }
  }

  private report(error: unknown): void {
    this.onerror?.(error instanceof Error ? error : new Error(String(error)));
  }
}
