import { afterEach, describe, expect, it } from '@jest/globals';
import type { ContractObservation, ToolContract } from '@holdfast/contracts';
import type { ContractSource } from '@holdfast/tool-sdk';
import { ContractWatch } from './contract-watch.js';

const contract = (name: string, digest = name): ToolContract => ({ name, digest }) as ToolContract;

/** A server whose tools and temper can be changed. */
class Server implements ContractSource {
  readonly name = 'the bank';
  readonly tools = ['pay', 'read'];
  offered: readonly ToolContract[] = [contract('pay'), contract('read')];
  fails: Error | undefined;
  looks = 0;
  /** While set, a description takes until it resolves, though it tells what was so when it was asked for. */
  slow: Promise<void> | undefined;
  private listener: (() => void) | undefined;

  async describe(): Promise<readonly ToolContract[]> {
    this.looks += 1;
    const { offered } = this;
    await this.slow;
    if (this.fails !== undefined) throw this.fails;
    return offered;
  }

  onChange(listener: () => void): () => void {
    this.listener = listener;
    return () => { this.listener = undefined; };
  }

  changed(): void {
    this.listener?.();
  }
}

describe('the watch over contracts', () => {
  const watches: ContractWatch[] = [];
  afterEach(() => { for (const watch of watches.splice(0)) watch.stop(); });

  const start = async (server: Server, settings: { intervalMs?: number; firstMs?: number } = {}) => {
    const seen: string[] = [];
    const warnings: string[] = [];
    watches.push(await ContractWatch.start({
      sources: [server], intervalMs: 60_000, ...settings,
      registry: { observe: async (tool: string, { contract: found }: Pick<ContractObservation, 'contract'>) => { seen.push(`${tool} ${found?.digest ?? 'gone'}`); } },
      logger: { info: () => undefined, warn: (_about: unknown, text?: string) => { warnings.push(String(text)); } } as never,
    }));
    return { seen, warnings };
  };
  const until = async (holds: () => boolean): Promise<void> => {
    for (let tries = 0; tries < 400 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(holds()).toBe(true);
  };

  it('has looked before calls are taken, and tells of a tool that is gone', async () => {
    const server = new Server();
    server.offered = [contract('pay', 'pay-2')];
    expect((await start(server)).seen).toEqual(['pay pay-2', 'read gone']);
  });

  it('does not take silence for a change, nor waits for it for ever', async () => {
    const server = new Server();
    server.fails = new Error('refused');
    const { seen, warnings } = await start(server);
    expect({ seen, warnings: warnings.length }).toEqual({ seen: [], warnings: 1 });

    const silent = new Server();
    silent.slow = new Promise(() => undefined);
    expect((await start(silent, { firstMs: 10 })).seen).toEqual([]);
  });

  it('looks when the server says that it changed, once more when it says so during a look, and at intervals', async () => {
    const server = new Server();
    const { seen } = await start(server);
    let answer = (): void => undefined;
    server.slow = new Promise((resolve) => { answer = resolve; });
    server.changed();
    server.offered = [contract('pay', 'pay-2'), contract('read')];
    server.changed();
    server.changed();
    answer();
    await until(() => seen.length === 6);
    expect(seen.slice(2)).toEqual(['pay pay', 'read read', 'pay pay-2', 'read read']);
    expect(server.looks).toBe(3);

    const often = new Server();
    await start(often, { intervalMs: 5 });
    await until(() => often.looks > 3);
  });
});
