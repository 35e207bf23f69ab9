import { agentRows } from '../agents/agents.rows.fixture.js';
import { breakerRows } from '../breakers/breakers.rows.fixture.js';
import { bulkRows } from '../bulk/bulk.rows.fixture.js';
import { canaryRows } from '../canaries/canaries.rows.fixture.js';
import { inDoubtRows } from '../in-doubt/in-doubt.rows.fixture.js';
import { memoryRows } from '../memory/memory.rows.fixture.js';
import { peopleRows } from '../people/people.rows.fixture.js';
import { protocolRows } from './protocols.rows.fixture.js';
import { runRows } from '../runs/runs.rows.fixture.js';
import { taskRows } from '../tasks/tasks.rows.fixture.js';
import { timeTravelRows } from '../time-travel/time-travel.rows.fixture.js';
import { toolRows } from '../tools/tools.rows.fixture.js';
import { verificationRows } from '../verification/verification.rows.fixture.js';
import { READS, nothing, type Row } from './row.fixture.js';

/** One row for each endpoint, under its id. Whoever adds an endpoint writes its row beside it and names it here. */
export const ROWS: Readonly<Record<string, Row>> = {
  ...taskRows, ...runRows, ...peopleRows, ...inDoubtRows, ...agentRows, ...canaryRows, ...toolRows, ...breakerRows, ...memoryRows, ...timeTravelRows, ...bulkRows, ...verificationRows, ...protocolRows,
  listBudgets: { ask: nothing, elsewhere: 'own', again: 'same', conflict: READS },
  listDeadLetters: { ask: async (world) => { await world.deadLetter(); return {}; }, elsewhere: 'own', again: 'same', conflict: READS, malformed: [{ what: 'a page of nothing', ask: { query: { limit: '0' } }, code: 'request.invalid' }] },
  tellPrincipal: { ask: nothing, elsewhere: 'own', again: 'same', conflict: READS },
  describeApi: { ask: nothing, elsewhere: 'installation', again: 'same', conflict: READS },
};
