import { InMemoryEventLog } from './index.js';
import { eventLogContract } from './event-log.suite.js';

eventLogContract('the twin in memory', async () => {
  const log = new InMemoryEventLog(3, undefined, 1_048_576);
  return { openWriter: async () => log, openReader: async () => log, caughtUp: async () => undefined, close: async () => undefined };
});
