import type { Bus } from '@holdfast/bus';
import { memoryIngestAnswer, memorySearchAnswer, subjects } from '@holdfast/contracts';
import { injectContext } from '@holdfast/observability';
import type { PassageSearch, Remember } from '@holdfast/tool-sdk';

/** Searches the memory service over the bus; for tools made with `searchTool`. */
export function busPassageSearch(bus: Pick<Bus, 'request'>): PassageSearch {
  return (query) => bus.request(subjects.memorySearch(), query, memorySearchAnswer, { headers: traceHeaders() });
}

/** Stores what runs remember in the memory service over the bus; for tools made with `rememberTool`. */
export function busRemember(bus: Pick<Bus, 'request'>): Remember {
  return (request) => bus.request(subjects.memoryRemember(), request, memoryIngestAnswer, { headers: traceHeaders() });
}

function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  injectContext({ set: (name, value) => { headers[name] = value; } });
  return headers;
}
