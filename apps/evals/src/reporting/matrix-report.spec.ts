import { describe, expect, it } from '@jest/globals';
import { surfaceOf } from '../faults/surface.js';
import { compareReports, isWorse, renderComparison } from './comparison.js';
import { renderHtml } from './html.js';
import { reportOf, type CaseResult, type SuiteReport } from './report.js';
import { renderSurface } from './surface-table.js';

const ran = { suite: 's <b>', digest: 'd'.repeat(64), startedAt: '2026-11-27T10:00:00.000Z', durationMs: 1_000 };
const cell = (name: string, more: Partial<CaseResult> = {}): CaseResult => ({ name, repeat: 1, passed: true, solved: true, durationMs: 100, commits: 5, verdicts: [], kills: [], effects: {}, ...more });
const cells = [
  cell('crash/1/pay/a', { kills: [{ process: 'planner', atCommit: 2, restartMs: 10, recoveryMs: 500 }] }),
  cell('crash/1/pay/b', { solved: false, held: 'word', kills: [{ process: 'planner', atCommit: 2, restartMs: 10, recoveryMs: 900 }] }),
  cell('crash/1/pay/c', { void: true }),
  cell('crash/2/pay/a + b', { passed: false, solved: false, verdicts: [{ scorer: 'safe.payments', passed: false, reason: 'payments is 2 <script>' }] }),
  cell('retry/1/pay/a'),
];

describe('the surface', () => {
  it('tells for each family and number of faults what was safe, what was done, and what a person has to say', () => {
    const points = surfaceOf(cells);
    expect(points.map(({ family, intensity, cells: count, void: late, safe, solved, held }) => [family, intensity, count, late, safe.estimate, solved.estimate, held])).toEqual([
      ['retry', 1, 1, 0, 1, 1, {}],
      ['crash', 1, 3, 1, 1, 0.5, { word: 1 }],
      ['crash', 2, 1, 0, 0, 0, {}],
    ]);
    expect(points[1]?.medianRecoveryMs).toBe(900);
    expect(renderSurface(points).split('\n')[2]).toMatch(/^crash +1 +2 \(and 1 too late\) +100\.0 % .* 50\.0 % .* word 1 +900 ms$/);
  });

  it('is drawn in a page in which no text can break out of its place and no script runs', () => {
    const page = renderHtml(reportOf(ran, cells));
    expect(page).toContain('<h1>s &lt;b&gt;</h1>');
    expect(page).toContain('payments is 2 &lt;script&gt;');
    expect(page).not.toMatch(/<script|\son\w+=/);
    expect(page.match(/<polyline/g)).toHaveLength(2);
  });
});

describe('a report beside an earlier one', () => {
  const report = (...done: readonly boolean[]): SuiteReport => reportOf(ran, done.map((solved, index) => cell(`retry/1/pay/${index}`, { solved, durationMs: 200 })));

  it('counts what was lost and gained, execution by execution, and how likely so many losses are by chance', () => {
    const comparison = compareReports(report(true, true, true, false), report(true, false, true, true));
    expect(comparison).toMatchObject({ pairs: 4, lost: ['retry/1/pay/1'], gained: ['retry/1/pay/3'], pValue: 0.75, durationRatio: 1 });
    expect(isWorse(comparison)).toBe(false);
    expect(renderComparison(comparison)).toContain('4 executions in both, 1 lost, 1 gained (one-sided p 0.750)');
  });

  it('is worse when five of five that differ are lost, and not when four are', () => {
    const all = (count: number, solved: boolean): SuiteReport => report(...Array.from({ length: count }, () => solved));
    expect(compareReports(all(5, true), all(5, false)).pValue).toBeCloseTo(1 / 32, 12);
    expect(isWorse(compareReports(all(5, true), all(5, false)))).toBe(true);
    expect(isWorse(compareReports(all(4, true), all(4, false)))).toBe(false);
    expect(isWorse(compareReports(all(5, false), all(5, false)))).toBe(false);
  });
});
