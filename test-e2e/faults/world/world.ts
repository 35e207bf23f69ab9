import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, superviseProcess, type RunDirectory, type SupervisedProcess } from '@holdfast/deploy';
import type { OperationCount } from './effects.ts';

/** The handle of the world's process. */
export class World {
  readonly url: string;
  readonly #process: SupervisedProcess;

  private constructor(url: string, supervised: SupervisedProcess) {
    this.url = url;
    this.#process = supervised;
  }

  /** Of a hundred requests, `badPercent` go wrong in ways that follow from the seed. */
  static async start(directory: RunDirectory, seed: number, badPercent: number): Promise<World> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const supervised = superviseProcess({
      name: 'world', command: process.execPath, args: ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('main.ts', import.meta.url))], logFile: join(directory.path, 'logs', 'world.log'),
      env: { PATH: process.env['PATH'], WORLD_PORT: String(port), WORLD_SEED: String(seed), WORLD_BAD_PERCENT: String(badPercent), WORLD_DATABASE: join(directory.path, 'world.sqlite') },
      ready: async () => (await fetch(`${url}/health`)).ok,
    });
    await supervised.start();
    return new World(url, supervised);
  }

  async audit(): Promise<readonly OperationCount[]> {
    return (await (await fetch(`${this.url}/audit`)).json()) as OperationCount[];
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
