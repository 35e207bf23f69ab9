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
  });

  it('is waited for when it is slow, and shared by encoders that load at once', async () => {
    const core = (await import('@energetic-ai/core')) as unknown as { findBackendFactory(name: string): () => Promise<unknown>; removeBackend(name: string): void; registerBackend(name: string, factory: () => Promise<unknown>): boolean };
    const factory = core.findBackendFactory('wasm');
    let starts = 0;
    core.removeBackend('wasm');
    core.registerBackend('wasm', async () => {
      starts += 1;
      await new Promise((resolve) => { setTimeout(resolve, 500); });
      return factory();
    });
    const [one, other] = await Promise.all([new SentenceEncoder().embed(['Pay the invoice.']), new SentenceEncoder().embed(['Pay the invoice.'])]);
    expect(one).toEqual(other);
    expect(starts).toBe(1);
  });
});
