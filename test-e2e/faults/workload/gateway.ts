/** What the gateway said: its status and body, or status 0 when nobody answered. */
export interface GatewayAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WaitingApproval {
  readonly runId: string;
  readonly approvalId: string;
  readonly goal: string;
  readonly tool: string;
  readonly arguments: { readonly operation?: string };
}

export interface DoubtedOperation {
  readonly operation: string;
  readonly arguments: { readonly operation?: string };
}

const PATIENCE_MS = 4_000;

/** The gateway's HTTP interface as a sender uses it who expects it to be away at times: no method ever throws. */
export class Gateway {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  get(path: string): Promise<GatewayAnswer> {
    return this.#ask(path, {});
  }

  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<GatewayAnswer> {
    return this.#ask(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  }

  async approvals(): Promise<readonly WaitingApproval[]> {
    const { status, body } = await this.#ask('/v1/approvals?limit=200', {});
    return status === 200 ? (body['approvals'] as readonly WaitingApproval[]) : [];
  }

  async doubts(): Promise<readonly DoubtedOperation[]> {
    const { status, body } = await this.#ask('/v1/in-doubt?limit=200', {});
    return status === 200 ? (body['operations'] as readonly DoubtedOperation[]) : [];
  }

  async deadLetters(): Promise<readonly { readonly subject: string; readonly code: string; readonly reason: string }[] | undefined> {
    const { status, body } = await this.#ask('/v1/dead-letters?limit=100', {});
    return status === 200 ? (body['letters'] as { subject: string; code: string; reason: string }[]) : undefined;
  }

  async #ask(path: string, init: RequestInit & { readonly headers?: Readonly<Record<string, string>> }): Promise<GatewayAnswer> {
    try {
      const answer = await fetch(`${this.#url}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${this.#key}` }, signal: AbortSignal.timeout(PATIENCE_MS) });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    } catch {
      return { status: 0, body: {} };
    }
  }
}
