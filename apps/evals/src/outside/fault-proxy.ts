import { observedHttp, type HttpFault, type ObservedHttp } from '../faults/http-fault.js';
import { requestJson } from './request-json.js';

/** Sets the faults between tools and the world, and tells what passed. */
export class FaultProxyClient {
  constructor(private readonly url: string, private readonly token: string) {}

  /** Replaces all faults and forgets what passed. */
  async set(faults: readonly HttpFault[]): Promise<void> {
    await this.ask('PUT', { faults });
  }

  /** What has passed since the faults were set. */
  async observed(): Promise<ObservedHttp> {
    return observedHttp.parse(await this.ask('GET'));
  }

  private ask(method: 'GET' | 'PUT', body?: unknown): Promise<unknown> {
    return requestJson({ who: 'fault-proxy', base: this.url, method, path: '/__holdfast/faults', token: this.token, ...(body === undefined ? {} : { body }) });
  }
}
