import { HoldfastError, type Json } from '@holdfast/contracts';
import type { World } from '../suites/suite.js';
import { requestJson } from './request-json.js';

/** The system that effects happen in: takes faults and tells what was done to it. */
export class WorldClient {
  private constructor(private readonly base: string, private readonly world: World) {}

  /** Throws `evals.world-unknown` when the variable that should hold the address does not. */
  static from(world: World, environment: NodeJS.ProcessEnv): WorldClient {
    if (/^https?:/.test(world.url)) return new WorldClient(world.url, world);
    const url = environment[world.url];
    // The value is not repeated: a wrong variable may hold a secret.
    if (url === undefined || !/^https?:\/\//.test(url)) throw new HoldfastError({ code: 'evals.world-unknown', message: `The suite's world is at ${world.url}, and this variable of the evals service holds no http address.`, retryable: false, remedy: `Set ${world.url} for the evals service, or write the address into the suite.` });
    return new WorldClient(url, world);
  }

  /** Replaces all faults. */
  async setFaults(faults: readonly Readonly<Record<string, Json>>[]): Promise<void> {
    if (this.world.faults === undefined) return;
    const { path, method, member } = this.world.faults;
    await requestJson({ who: 'world', base: this.base, method, path, body: { [member]: faults } });
  }

  audit(): Promise<unknown> {
    return requestJson({ who: 'world', base: this.base, method: 'GET', path: this.world.audit.path });
  }
}
