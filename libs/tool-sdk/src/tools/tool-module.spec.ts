import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { joinToolSets, openToolSets, type ToolSet } from './tool-module.js';

describe('sets of tools', () => {
  let closed: string[];
  beforeEach(() => { closed = []; });
  afterEach(() => { jest.useRealTimers(); });

  const setOf = (name: string): ToolSet => ({ tools: [], close: async () => void closed.push(name) });
  const stuck: ToolSet = { tools: [], close: () => new Promise(() => undefined) };

  describe('that are joined', () => {
    it.each([
      ['rejects', { tools: [], close: () => Promise.reject(new Error('stuck')) }],
      ['throws', { tools: [], close: () => { throw new Error('stuck'); } }],
    ])('are closed though one of them %s', async (_how, broken: ToolSet) => {
      await joinToolSets(setOf('first'), broken, [], setOf('last')).close?.();
      expect(closed).toEqual(['first', 'last']);
    });

    it('are not waited for without end when one of them never finishes closing', async () => {
      jest.useFakeTimers();
      let isOver = false;
      const closing = joinToolSets(stuck, setOf('last')).close?.().then(() => { isOver = true; });
      await jest.advanceTimersByTimeAsync(7_999);
      expect([closed, isOver]).toEqual([['last'], false]);
      await jest.advanceTimersByTimeAsync(1);
      await closing;
      expect(isOver).toBe(true);
    });

    it('leave no timer behind when all are closed', async () => {
      jest.useFakeTimers();
      await joinToolSets(setOf('only')).close?.();
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  describe('that are opened', () => {
    it('come in their order, and are closed together', async () => {
      const set = await openToolSets(() => setOf('first'), () => Promise.resolve(setOf('second')), () => []);
      expect(closed).toEqual([]);
      await set.close?.();
      expect(closed).toEqual(['first', 'second']);
    });

    it.each([
      ['throws', () => { throw new Error('no such server'); }],
      ['rejects', () => Promise.reject(new Error('no such server'))],
    ])('are closed when a later one %s, whose error is told, and none after it is opened', async (_how, failing: () => ToolSet | Promise<ToolSet>) => {
      const after = jest.fn(() => setOf('after'));
      await expect(openToolSets(() => setOf('first'), () => setOf('second'), failing, after)).rejects.toThrow('no such server');
      expect(closed).toEqual(['first', 'second']);
      expect(after).not.toHaveBeenCalled();
    });
  });
});
