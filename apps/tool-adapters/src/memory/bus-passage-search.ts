import type { Bus } from '@holdfast/bus';
import { memorySearchAnswer, subjects } from '@holdfast/contracts';
import type { PassageSearch } from '@holdfast/tool-sdk';

/** Searches the memory service over the bus; for tools made with `searchTool`. */
export function busPassageSearch(bus: Pick<Bus, 'request'>): PassageSearch {
  return (query) => bus.request(subjects.memorySearch(), query, memorySearchAnswer);
}
