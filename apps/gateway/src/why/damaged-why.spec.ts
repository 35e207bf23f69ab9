import { beforeEach, describe, expect, it } from '@jest/globals';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { altered, damage, garbled, missing, swapped, type Damage } from '../runs/damaged-log.fixture.js';
import { RunHistories } from '../runs/run-histories.js';
import { append, accepted, key, newLog, payInvoice } from '../runs/run.fixture.js';
import { explainThroughRuns } from './origins.js';
import { graphOf } from './why-graph.js';
import { drawGraph } from './why-mermaid.js';
import { renderWhy } from './why-text.js';
import { why as whySchema, whyGraph, type Why } from './why.schema.js';

const run = key('run-1');
let log: InMemoryEventLog;

beforeEach(async () => {
  log = newLog();
  await payInvoice(log, run);
});

async function why(question: { readonly effect?: string; readonly commit?: number } = { effect: 'c1-1' }): Promise<Why> {
  const histories = new RunHistories(log);
  return explainThroughRuns(await histories.readToCheck(run), question, (runId) => histories.findToCheck({ ...run, runId }));
}

describe('why, of a run whose log was damaged', () => {
  it.each<[string, Damage, number, RegExp]>([
    ['an altered commit', altered(4, (commit) => { commit['at'] = 1; }), 4, /altered after it was written/],
    ['a renumbered commit', altered(4, (commit) => { commit['number'] = 9; }), 4, /commit 9 stands where commit 4 is due/],
    ['a commit taken out', missing(4), 4, /commit 5 stands where commit 4 is due/],
    ['two commits that changed places', swapped(4, 5), 4, /commit 5 stands where commit 4 is due/],
    ['a commit that cannot be read', garbled(4), 4, /it is not JSON/],
    ['a last commit that cannot be read', garbled(6), 6, /it is not JSON/],
  ])('%s is a broken link in every form, and nothing from there on is trusted', async (_, change, number, problem) => {
    damage(log, run, change);
    const told = await why();
    const graph = graphOf(told);

    expect(whySchema.safeParse(told).error).toBeUndefined();
    expect(whyGraph.safeParse(graph).error).toBeUndefined();
    expect(told.chain).toMatchObject({ verified: false, brokenAt: { number, problem: expect.stringMatching(problem) } });
    expect(told.actions[0]?.approvals[0]).toMatchObject({ trusted: true });
    if (number < 6) expect(told.actions[0]?.outcomes[0]?.trusted).toBe(false);
    expect(renderWhy(told)).toMatch(new RegExp(`CHAIN BROKEN at commit ${number}: .*${problem.source}`));
    expect(drawGraph(graph)).toMatch(new RegExp(`CHAIN BROKEN at commit ${number}: .*NOT TRUSTED"\\]:::untrusted`));
    expect(graph.nodes.filter(({ kind }) => kind === 'break')).toEqual([expect.objectContaining({ trusted: false, runId: 'run-1' })]);
    for (const node of graph.nodes) if (node.kind !== 'break' && node.commit !== undefined && node.trusted) expect(node.commit).toBeLessThan(number);
  });

  it('trusts all of a run that nobody damaged', async () => {
    const told = await why();

    expect(told.chain).toMatchObject({ verified: true, commits: 6 });
    expect(graphOf(told).nodes.map(({ trusted }) => trusted)).not.toContain(false);
  });
});

describe('why, of a run that another started', () => {
  const child = key('child-1');
  const start = { type: 'invoice.received', goal: 'Check it.', input: {}, labels: {}, budgets: { maxSteps: 5, deadlineSeconds: 60, approvalSeconds: 60 } };

  async function parentAndChild(started = 'child-1'): Promise<Why> {
    const parent = key('parent-1');
    await append(log, parent, 'plan', [accepted({ goal: 'Check all invoices.', requester: 'cfo' })]);
    await append(log, parent, 'call.holdfast', [
      { type: 'decision-made', proposal: { basis: 1, text: 'Somebody else checks.', requests: [{ requestId: 'q', tool: 'start_run', arguments: {} }], model: { name: 'm', provider: 'p', promptDigest: 'a'.repeat(64), toolsShown: [], inputTokens: 1, outputTokens: 1, finishReason: 'stop', durationMs: 1 } } },
      { type: 'wait-begun', callId: 'c1-1', tool: 'start_run', wait: { for: 'child', runId: started, start } },
    ]);
    await append(log, child, 'plan', [{ ...accepted({ goal: 'Check it.' }), parent: { runId: 'parent-1', callId: 'c1-1' } }]);
    const histories = new RunHistories(log);
    return explainThroughRuns(await histories.readToCheck(child), { commit: 1 }, (runId) => histories.findToCheck({ ...run, runId }));
  }

  it('goes on into the run that started it, up to who asked for that', async () => {
    const told = await parentAndChild();

    expect(whySchema.safeParse(told).error).toBeUndefined();
    expect(told.origins).toMatchObject([{ relation: 'started-by', runId: 'parent-1', callId: 'c1-1', holds: true, why: { runId: 'parent-1', task: { requester: 'cfo' }, actions: [{ waited: { for: 'child', runId: 'child-1' } }], chain: { verified: true } } }]);
    expect(renderWhy(told)).toMatch(/was started by call c1-1 of run parent-1\n[^]*asked by cfo[^]*Started run child-1/);
    const { nodes, edges } = graphOf(told);
    const [started, begun] = [nodes.find(({ kind }) => kind === 'wait'), nodes.find(({ kind, runId }) => kind === 'task' && runId === 'child-1')];
    expect(edges).toContainEqual({ from: started?.id, to: begun?.id, label: 'its call c1-1 started the run' });
  });

  it('says where the other run knows nothing of it', async () => {
    const told = await parentAndChild('child-2');

    expect(told.origins).toMatchObject([{ holds: false, problem: 'its call c1-1 did not start run child-1' }]);
    expect(renderWhy(told)).toContain('BROKEN LINK: its call c1-1 did not start run child-1');
    expect(drawGraph(graphOf(told))).toMatch(/BROKEN LINK: its call c1-1 did not start run child-1.*NOT TRUSTED/);
  });

  it('shows where the chain of the other run is broken', async () => {
    await parentAndChild();
    damage(log, key('parent-1'), altered(1, (commit) => { commit['at'] = 7; }));
    const histories = new RunHistories(log);
    const told = await explainThroughRuns(await histories.readToCheck(child), { commit: 1 }, (runId) => histories.findToCheck({ ...run, runId }));

    expect(told.chain.verified).toBe(true);
    expect(told.origins[0]?.why?.chain).toMatchObject({ verified: false, brokenAt: { number: 1 } });
    expect(renderWhy(told)).toContain('CHAIN BROKEN at commit 1');
  });
});

describe('why, of a run that was forked', () => {
  async function fork(hash?: string): Promise<Why> {
    const at = (await log.readRun(run))[4]?.commit.hash ?? '';
    const { task, agent, budgets, labels } = accepted();
    const forked = key('fork-1');
    await append(log, forked, 'plan', [{ type: 'run-forked', mode: 'fork', by: 'ada', reason: 'another model', origin: { runId: 'run-1', number: 5, hash: hash ?? at }, task, agent, budgets, labels, amount: 0, undoable: [], unsettled: [] }]);
    const histories = new RunHistories(log);
    return explainThroughRuns(await histories.readToCheck(forked), { commit: 1 }, (runId) => histories.findToCheck({ ...run, runId }));
  }

  it('goes on into the run at which it began', async () => {
    const told = await fork();

    expect(told.origins).toMatchObject([{ relation: 'forked-from', runId: 'run-1', commit: 5, by: 'ada', holds: true, why: { actions: [{ callId: 'c1-1', outcomes: [{ status: 'succeeded' }] }] } }]);
    expect(renderWhy(told)).toMatch(/was forked from run run-1 at commit 5, by ada: "another model"[^]*approved by ada/);
  });

  it('shows a broken link where that commit has another hash', async () => {
    expect((await fork('f'.repeat(64))).origins).toMatchObject([{ holds: false, problem: expect.stringContaining('commit 5 is not the one') }]);
  });
});
