import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, superviseProcess, type RunDirectory, type SupervisedProcess } from '@holdfast/deploy';
import type { OperationCount } from '../../faults/world/effects.ts';
import type { Round } from '../plan.ts';

/** The handle of the service's process. */
export class Service {
  readonly url: string;
  readonly #process: SupervisedProcess;

  private constructor(url: string, supervised: SupervisedProcess) {
    this.url = url;
    this.#process = supervised;
  }

  static async start(directory: RunDirectory): Promise<Service> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const supervised = superviseProcess({
      name: 'service', command: process.execPath, args: ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('main.ts', import.meta.url))], logFile: join(directory.path, 'logs', 'service.log'),
      env: { PATH: process.env['PATH'], SERVICE_PORT: String(port), SERVICE_DATABASE: join(directory.path, 'service.sqlite') },
      ready: async () => (await fetch(`${url}/health`)).ok,
    });
    await supervised.start();
    return new Service(url, supervised);
  }

  /** From now on, whoever sends this operation first is killed at the round's moment. */
  async trap({ operation, moment, actsForTheDead }: Round): Promise<void> {
    await fetch(`${this.url}/traps`, { method: 'POST', body: JSON.stringify({ operation, moment, actsForTheDead }) });
  }

  async hasSprung(operation: string): Promise<boolean> {
    return ((await (await fetch(`${this.url}/sprung/${encodeURIComponent(operation)}`)).json()) as { sprung: boolean }).sprung;
  }

  async audit(): Promise<readonly OperationCount[]> {
    return (await (await fetch(`${this.url}/audit`)).json()) as OperationCount[];
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
