import type { RepeatsReport } from './repeats.js';
import { percent } from './surface-table.js';
import { totalsOf, type CaseResult, type SuiteReport } from './report.js';

const HEADINGS = ['', 'case', 'recovered in', 'effects', 'time'] as const;

/** One case on one line, with the reason of each verdict that failed below it. */
export function renderTable({ cases, repeats }: SuiteReport): string {
  const repeated = cases.some(({ repeat }) => repeat > 1);
  const rows = cases.map((result) => rowOf(result, repeated));
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
  return [line(HEADINGS), ...cases.flatMap((result, index) => [line(rows[index] ?? []), ...failuresOf(result).map((reason) => `        ${reason}`)]), ...(repeated ? ['', ...repeats.map(tryLine)] : [])].join('\n');
}

function tryLine({ k, passAt, passAll }: RepeatsReport[number]): string {
  return `pass@${k} ${percent(passAt)}  pass^${k} ${percent(passAll)}`;
}

/** The last line of the output: the totals as JSON, for programs. */
export function renderLastLine(report: SuiteReport): string {
  return JSON.stringify(totalsOf(report));
}

export function failuresOf({ verdicts }: CaseResult): readonly string[] {
  return verdicts.filter(({ passed }) => !passed).map(({ scorer, reason }) => `${scorer}: ${reason}`);
}

function rowOf({ name, repeat, passed, durationMs, kills, effects }: CaseResult, repeated: boolean): readonly string[] {
  return [
    passed ? 'passed' : 'FAILED',
    repeated ? `${name} (${repeat})` : name,
    kills.map(({ process, recoveryMs }) => `${process} ${recoveryMs === undefined ? 'never' : `${Math.round(recoveryMs)} ms`}`).join(', '),
    // Single fields are judged and reported; the line holds what can be counted.
    Object.entries(effects).filter(([path]) => !path.includes('.')).map(([path, value]) => `${path} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', '),
    `${(durationMs / 1_000).toFixed(1)} s`,
  ];
}
