import { describe, expect, it } from '@jest/globals';
import { renderJUnit } from './junit.js';
import { reportOf, type SuiteReport } from './report.js';
import { renderLastLine, renderTable } from './table.js';

const report: SuiteReport = reportOf({ suite: 'recovery & more', digest: 'd1', startedAt: '2026-11-24T02:00:00.123Z', durationMs: 4_321 }, [
  { name: 'clean', repeat: 1, passed: true, runId: 'r1', durationMs: 1_000, commits: 5, verdicts: [{ scorer: 'status', passed: true, reason: 'the run ended completed' }], kills: [{ process: 'planner', atCommit: 2, restartMs: 900, recoveryMs: 41.6 }], effects: { payments: 1, 'payments.0.iban': 'DE1' } },
  { name: 'a <hostile> "name"', repeat: 1, passed: false, durationMs: 2_000, commits: 3, verdicts: [{ scorer: 'effects.payments', passed: false, reason: 'payments is 2 where 1 was expected \u0007' }, { scorer: 'run', passed: false, reason: 'late' }], kills: [{ process: 'broker', atCommit: 2, restartMs: 900 }], effects: { payments: 2 } },
]);

describe('the report', () => {
  it('has one line for each case, with the reasons of failures below', () => {
    expect(renderTable(report).split('\n')).toEqual([
      '        case                recovered in   effects     time',
      'passed  clean               planner 42 ms  payments 1  1.0 s',
      'FAILED  a <hostile> "name"  broker never   payments 2  2.0 s',
      '        effects.payments: payments is 2 where 1 was expected \u0007',
      '        run: late',
    ]);
  });

  it('tells of a suite that is repeated how often one of k tries passes, and all of them', () => {
    const cases = [true, true, false, true].map((passed, index) => ({ name: index < 2 ? 'a' : 'b', repeat: (index % 2) + 1, passed, durationMs: 1, commits: 1, verdicts: [], kills: [], effects: {} }));
    expect(renderTable(reportOf(report, cases)).split('\n').slice(-3)).toEqual(['', expect.stringMatching(/^pass@1 75\.0 % \(.*\) {2}pass\^1 75\.0 %/), expect.stringMatching(/^pass@2 100\.0 % .* pass\^2 50\.0 %/)]);
  });

  it('ends with its totals as one line of JSON', () => {
    expect(JSON.parse(renderLastLine(report))).toEqual({ suite: 'recovery & more', passed: false, cases: 2, failed: 1, kills: 2, slowestRecoveryMs: 42, durationMs: 4_321 });
  });

  it('is JUnit XML in which no text can break out of its place', () => {
    const xml = renderJUnit(report);
    expect(xml).toContain('<testsuite name="recovery &amp; more" tests="2" failures="1" errors="0" skipped="0" time="4.321" timestamp="2026-11-24T02:00:00">');
    expect(xml).toContain('name="a &lt;hostile&gt; &quot;name&quot;" time="2.000"');
    expect(xml).toContain('<failure message="effects.payments: payments is 2 where 1 was expected \ufffd">');
    expect(xml.match(/<failure /g)).toHaveLength(1);
    expect(xml.match(/<testcase /g)).toHaveLength(2);
  });
});
