import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceName, Stack } from '@holdfast/deploy';
import { namesOf } from './all-services.ts';

const ADDRESS = /Debugger listening on (ws:\/\/\S+)/g;

/**
 * Node's inspector of a running service, opened by SIGUSR1 (https://nodejs.org/en/learn/getting-started/debugging), so
 * that services need no hook of their own. Speaks the Chrome DevTools Protocol.
 */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
      const waiting = this.#waiting.get(id ?? -1);
      this.#waiting.delete(id ?? -1);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error.message));
    });
  }

  static async open(stack: Stack, name: InstanceName): Promise<Inspector> {
    const service = stack.services[name];
    if (service?.pid === undefined) throw new Error(`${name} does not run`);
    process.kill(service.pid, 'SIGUSR1');
    for (let attempt = 0; attempt < 100; attempt += 1) {
      // A restarted service's log holds its predecessor's address too, so the newest is tried.
      const address = [...readFileSync(service.logFile, 'utf8').matchAll(ADDRESS)].at(-1)?.[1];
      const socket = address === undefined ? undefined : await opened(new WebSocket(address));
      if (socket !== undefined) return new Inspector(socket);
      await sleep(50);
    }
    throw new Error(`${name} opened no inspector`);
  }

  ask<T>(method: string, params: object = {}): Promise<T> {
    this.#last += 1;
    const id = this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise<T>((resolve, reject) => this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject }));
  }

  close(): void {
    this.#socket.close();
  }
}

function opened(socket: WebSocket): Promise<WebSocket | undefined> {
  return new Promise((resolve) => {
    socket.addEventListener('open', () => resolve(socket), { once: true });
    socket.addEventListener('error', () => resolve(undefined), { once: true });
  });
}

/** Bytes that each service's heap holds after a full garbage collection, with buffers outside of it. */
export async function heapBytes(stack: Stack): Promise<Readonly<Record<string, number>>> {
  const sizes: Record<string, number> = {};
  for (const name of namesOf(stack)) {
    if (stack.services[name]?.pid === undefined) continue;
    const inspector = await Inspector.open(stack, name);
    // Twice: what finalizers hold is free only after the second.
    await inspector.ask('HeapProfiler.collectGarbage');
    await inspector.ask('HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize = 0 } = await inspector.ask<{ usedSize: number; backingStorageSize?: number }>('Runtime.getHeapUsage');
    inspector.close();
    sizes[name] = usedSize + backingStorageSize;
  }
  return sizes;
}
