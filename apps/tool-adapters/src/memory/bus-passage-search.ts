import type { Bus } from '@holdfast/bus';
import { memorySearchAnswer, subjects } from '@holdfast/contracts';
import { injectContext } from '@holdfast/observability';
import type { PassageSearch } from '@holdfast/tool-sdk';

/** Searches the memory service over the bus; for tools made with `searchTool`. */
export function busPassageSearch(bus: Pick<Bus, 'request'>): PassageSearch {
  return (query) => {
    const headers: Record<string, string> = {};
    injectContext({ set: (name, value) => { headers[name] = value; } });
    return bus.request(subjects.memorySearch(), query, memorySearchAnswer, { headers });
  };
}
