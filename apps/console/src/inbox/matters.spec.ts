import { describe, expect, it } from '@jest/globals';
import { mattersOf, neighbour, type Approval, type Doubt, type Question } from './matters.js';

const approval = (approvalId: string, expiresAt: number): Approval => ({ approvalId, callId: 'c1-1', runId: 'r1', agent: 'a', goal: 'g', tool: 't', arguments: {}, reasons: [], requestedAt: 1, commit: 1, expiresAt });
const doubt = (operation: string, since: number): Doubt => ({ operation, tool: 't', arguments: {}, since, reason: 'lost', calls: [{ runId: 'r2', callId: 'c1-1', agent: 'a', goal: 'g', since }, { runId: 'r3', callId: 'c1-1', agent: 'a', goal: 'g', since }] });
const question = (callId: string, askedAt: number, until?: number): Question => ({ runId: 'r4', callId, agent: 'a', goal: 'g', text: '?', askedAt, ...(until === undefined ? {} : { until }) }) as Question;

describe('what waits for people', () => {
  const matters = mattersOf({ approvals: [approval('late', 90), approval('soon', 10)], doubts: [doubt('x', 5)], questions: [question('c2-1', 3), question('c3-1', 4, 20)] });

  it('is one list: what is over first, then what has waited longest; an operation is one matter, however many runs wait for it', () => {
    expect(matters.map(({ id }) => id)).toEqual(['r1:soon', 'r4:question:c3-1', 'r1:late', 'r4:question:c2-1', 'doubt:x']);
  });

  it('is gone through by its neighbours and ends at its ends', () => {
    expect([neighbour(matters, 'r1:soon', 1)?.id, neighbour(matters, 'r1:soon', -1)?.id, neighbour(matters, 'doubt:x', 1)?.id, neighbour(matters, 'gone', 1)?.id, neighbour([], 'gone', 1)]).toEqual(['r4:question:c3-1', 'r1:soon', 'doubt:x', 'r1:soon', undefined]);
  });
});
