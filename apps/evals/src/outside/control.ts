import { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import type { Killable } from '../suites/suite.js';
import { requestJson } from './request-json.js';

/** A process takes up to half a minute to be ready. */
const START_TIMEOUT_MS = 45_000;
const answer = z.object({ processes: z.array(z.object({ name: z.string(), state: z.string() })) });

/** Kills and starts processes through a stack's control server. */
export class ControlClient {
  constructor(private readonly url: string, private readonly token: string) {}

  /** SIGKILL; resolves when the process is gone. */
  async kill(process: Killable): Promise<void> {
    await this.ask('POST', `/processes/${process}/kill`, 10_000);
  }

  /** Resolves when the process is ready; one that runs already is left as it is. */
  async start(process: string): Promise<void> {
    try {
      await this.ask('POST', `/processes/${process}/start`, START_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.code !== 'process.already_running') throw error;
    }
  }

  async processes(): Promise<readonly { readonly name: string; readonly state: string }[]> {
    return answer.parse(await this.ask('GET', '/processes', 10_000)).processes;
  }

  /** Starts whatever does not run, so that the next case finds everything in place. */
  async startMissing(): Promise<void> {
    for (const { name, state } of await this.processes()) if (state === 'stopped' || state === 'ended') await this.start(name);
  }

  private ask(method: 'GET' | 'POST', path: string, timeoutMs: number): Promise<unknown> {
    return requestJson({ who: 'control', base: this.url, method, path, token: this.token, timeoutMs });
  }
}
