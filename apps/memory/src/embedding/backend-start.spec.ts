import { describe, expect, it } from '@jest/globals';
import { SentenceEncoder } from './sentence-encoder.js';

describe('the start of WebAssembly', () => {
  it('succeeds although the one that came with the import was superseded and hangs', async () => {
    const { engine } = (await import('@energetic-ai/core')) as unknown as { engine(): { pendingBackendInit: Promise<boolean> | null; pendingBackendInitId: number; registry: object } };
    engine().pendingBackendInitId += 1;
    engine().pendingBackendInit = new Promise(() => undefined);
    const encoder = new SentenceEncoder();
    expect(await encoder.embed(['Pay the invoice.'])).toHaveLength(1);
    expect(await new SentenceEncoder().embed(['Pay the invoice.'])).toEqual(await encoder.embed(['Pay the invoice.']));
  }, 60_000);
});
