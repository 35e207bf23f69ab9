/** A run as the gateway lists it; see `GET /v1/openapi.json`. */
export interface ListedRun {
  readonly runId: string;
  readonly taskId: string;
  readonly status: string;
  readonly commits: number;
  readonly approvalsWaiting: readonly { readonly approvalId: string }[];
}

export interface RunCall {
  readonly callId: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly status: string;
  readonly policy?: string;
  readonly reasons?: readonly string[];
  readonly failure?: string;
}

export interface RunDetail extends ListedRun {
  readonly answer?: string;
  readonly reason?: string;
  readonly standing: string;
  readonly waitsFor: readonly { readonly for: string; readonly tool?: string; readonly reason?: string }[];
  readonly stepsTaken: readonly { readonly calls: readonly RunCall[] }[];
  readonly approvals: readonly { readonly approvalId: string; readonly reasons: readonly string[]; readonly answer?: { readonly answer: string; readonly by: string } }[];
}

export interface RunEvents {
  readonly events: readonly { readonly at: number; readonly event: { readonly type: string; readonly [field: string]: unknown } }[];
}

/** The gateway's HTTP interface, as any program with an API key uses it. */
export class GatewayClient {
  constructor(private readonly url: string, private readonly apiKey: string) {}

  async runs(): Promise<readonly ListedRun[]> {
    return ((await this.get('/v1/runs?limit=200')) as { runs: readonly ListedRun[] }).runs;
  }

  run(runId: string): Promise<RunDetail> {
    return this.get(`/v1/runs/${runId}`) as Promise<RunDetail>;
  }

  events(runId: string): Promise<RunEvents> {
    return this.get(`/v1/runs/${runId}/events`) as Promise<RunEvents>;
  }

  /** Why a call was made, as text for people. */
  async why(runId: string, callId: string): Promise<string> {
    return (await this.fetch(`/v1/runs/${runId}/why?effect=${callId}`, { headers: { accept: 'text/plain' } })).text();
  }

  async approve(runId: string, approvalId: string, comment: string): Promise<void> {
    await this.fetch(`/v1/runs/${runId}/approvals/${approvalId}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ answer: 'approved', comment }) });
  }

  private async get(path: string): Promise<unknown> {
    return (await this.fetch(path, {})).json();
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    const answer = await fetch(`${this.url}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${this.apiKey}` }, signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}
