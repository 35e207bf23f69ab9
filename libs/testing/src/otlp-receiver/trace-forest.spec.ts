import { describe, expect, it } from '@jest/globals';
import { decodeTraces } from './decode-traces.js';
import { traceForest } from './trace-forest.js';

const id = (character: string): string => character.repeat(16);

/** Spans of one trace, written as `child:parent`. */
function spans(...edges: string[]) {
  return decodeTraces({
    resourceSpans: [{
      scopeSpans: [{
        spans: edges.map((edge) => {
          const [child = '', parent] = edge.split(':');
          return { traceId: '1'.repeat(32), spanId: id(child), ...(parent === undefined ? {} : { parentSpanId: id(parent) }), name: child, startTimeUnixNano: '1', endTimeUnixNano: '2' };
        }),
      }],
    }],
  });
}

describe('the forest of traces', () => {
  it('sees one connected tree', () => {
    const { traces: [trace] } = traceForest(spans('b:a', 'a', 'c:b'));
    expect(trace?.isOneConnectedTree).toBe(true);
    expect(trace?.components).toHaveLength(1);
  });

  it('leaves out repetitions and counts them', () => {
    const forest = traceForest(spans('a', 'b:a', 'b:a', 'a'));
    expect(forest.repetitions).toBe(2);
    expect(forest.traces[0]?.spans).toHaveLength(2);
    expect(forest.traces[0]?.isOneConnectedTree).toBe(true);
  });

  it('sees an orphan and its descendants as a component of their own', () => {
    const { traces: [trace] } = traceForest(spans('a', 'b:a', 'd:c', 'e:d'));
    expect(trace?.orphans.map((span) => span.name)).toEqual(['d']);
    expect(trace?.components.map((component) => component.map((span) => span.name))).toEqual([['a', 'b'], ['d', 'e']]);
    expect(trace?.isOneConnectedTree).toBe(false);
  });

  it('is not fooled by two roots or a cycle', () => {
    expect(traceForest(spans('a', 'b')).traces[0]?.isOneConnectedTree).toBe(false);
    const { traces: [cyclic] } = traceForest(spans('a', 'b:c', 'c:b'));
    expect(cyclic?.components).toHaveLength(2);
    expect(cyclic?.isOneConnectedTree).toBe(false);
  });

  it('refuses to speak about a trace of which nothing arrived', () => {
    expect(() => traceForest(spans('a')).trace('2'.repeat(32))).toThrow('No span of trace');
  });

  it('refuses ids that a collector would refuse', () => {
    expect(() => spans('0')).toThrow('is no id of 16 hexadecimal digits');
    expect(() => spans('xyz')).toThrow('is no id of 16 hexadecimal digits');
  });
});
