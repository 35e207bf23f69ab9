import { join } from 'node:path';
import { freePort, superviseProcess, type RunDirectory, type SupervisedProcess } from '@holdfast/deploy';
import { companyProgram } from '../application.js';
import type { CompanyAudit } from '../company/audit.js';

/** The company's systems: another process with its own database, which counts for itself what is done to it. */
export class World {
  private constructor(readonly url: string, private readonly process: SupervisedProcess) {}

  /** Starts it with a fault profile that follows from the seed, or without faults. */
  static async start(directory: RunDirectory, seed?: number): Promise<World> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const supervised = superviseProcess({
      name: 'company', command: process.execPath, args: [companyProgram], logFile: join(directory.path, 'logs', 'company.log'),
      env: { PATH: process.env['PATH'], COMPANY_PORT: String(port), COMPANY_DATABASE: join(directory.path, 'company.sqlite'), COMPANY_FAULTS: JSON.stringify(seed === undefined ? { faults: [] } : { seed }) },
      ready: async () => (await fetch(`${url}/health`)).ok,
    });
    await supervised.start();
    return new World(url, supervised);
  }

  async audit(): Promise<CompanyAudit> {
    return (await (await fetch(`${this.url}/audit`)).json()) as CompanyAudit;
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}
