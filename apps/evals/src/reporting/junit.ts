import type { CaseResult, SuiteReport } from './report.js';
import { failuresOf } from './table.js';

/** The report as JUnit XML, in the form that continuous integration servers read (the Apache Ant schema). */
export function renderJUnit({ suite, startedAt, durationMs, cases }: SuiteReport): string {
  const failed = cases.filter(({ passed }) => !passed).length;
  const counts = `tests="${cases.length}" failures="${failed}" errors="0" skipped="0" time="${seconds(durationMs)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escape(suite)}" ${counts} timestamp="${escape(startedAt.replace(/\.\d+Z$/, ''))}">`,
    ...cases.map((result) => testCase(suite, result)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(suite: string, result: CaseResult): string {
  const name = result.repeat > 1 ? `${result.name} (${result.repeat})` : result.name;
  const failures = failuresOf(result);
  const output = [...(result.runId === undefined ? [] : [`run ${result.runId}`]), ...result.verdicts.filter(({ passed }) => passed).map(({ scorer, reason }) => `${scorer}: ${reason}`)];
  return [
    `    <testcase classname="${escape(suite)}" name="${escape(name)}" time="${seconds(result.durationMs)}">`,
    ...(failures.length === 0 ? [] : [`      <failure message="${escape(failures[0] ?? '')}">${escape(failures.join('\n'))}</failure>`]),
    `      <system-out>${escape(output.join('\n'))}</system-out>`,
    '    </testcase>',
  ].join('\n');
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Characters that XML 1.0 cannot carry are replaced, since text may come from anywhere. */
function escape(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
