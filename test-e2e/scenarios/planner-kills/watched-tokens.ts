/** What somebody who watches a run over HTTP is told of its model's words. */
export class WatchedTokens {
  private text = '';
  private readonly whole: Promise<void>;

  private constructor(response: Response) {
    this.whole = this.read(response);
  }

  static async of(gatewayUrl: string, apiKey: string, runId: string): Promise<WatchedTokens> {
    return new WatchedTokens(await fetch(`${gatewayUrl}/v1/runs/${runId}/tokens`, { headers: { authorization: `Bearer ${apiKey}` } }));
  }

  /** Whether any word has come. */
  get hasWords(): boolean {
    return this.text.includes('event: delta');
  }

  /** Everything until the stream ended: beginnings and ends by their attempt, and words. */
  async told(): Promise<readonly string[]> {
    await this.whole;
    return [...this.text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, event, data]) => {
      const { attempt, text } = JSON.parse(data ?? '') as { readonly attempt: number; readonly text?: string };
      return event === 'delta' ? `${text}` : `${event} ${attempt}`;
    });
  }

  private async read(response: Response): Promise<void> {
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) this.text += part;
  }
}
