import { cpus, release, totalmem } from 'node:os';
import type { JudgedFigure, Target } from './figure.ts';
import { rounded } from './statistics.ts';

/** What became of one benchmark. */
export interface BenchmarkResult {
  readonly name: string;
  readonly seconds: number;
  readonly figures: readonly JudgedFigure[];
  /** Set when it failed or ran out of time. */
  readonly error?: string;
}

const HEAD = ['', 'measured', 'floor', 'ratio', 'target', ''];

/** The figures of one benchmark as a table of text. */
export function tableOf(result: BenchmarkResult): string {
  const rows = result.figures.map(cellsOf);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  return [`${result.name} (${result.seconds.toFixed(1)} s)${result.error === undefined ? '' : `: FAILED, ${result.error}`}`, ...(rows.length === 0 ? [] : [line(HEAD), ...rows.map(line)]), ''].join('\n');
}

/** The same in Markdown, as `docs/benchmarks.md` keeps it. */
export function markdownOf(result: BenchmarkResult): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.trim()).join(' | ')} |`;
  return [`**${result.name}**${result.error === undefined ? '' : `: failed, ${result.error}`}`, '', line([...HEAD.slice(0, 5), 'verdict']), line(HEAD.map(() => '---')), ...result.figures.map((figure) => line(cellsOf(figure))), ''].join('\n');
}

function cellsOf(figure: JudgedFigure): readonly string[] {
  return [
    figure.title,
    `${format(figure.value)} ${figure.unit}`.trim(),
    figure.floor === undefined ? '' : `${format(figure.floor)} ${figure.unit}${figure.floorTitle === undefined ? '' : ` (${figure.floorTitle})`}`,
    figure.ratio === undefined ? '' : format(figure.ratio),
    figure.target === undefined ? '' : targetText(figure.target, figure.unit),
    figure.met === undefined ? '' : figure.met ? 'met' : 'NOT MET',
  ];
}

/** Everything as one object: benchmarks by name, figures by id. */
export function jsonOf(results: readonly BenchmarkResult[], seconds: number): object {
  const judged = results.flatMap((result) => result.figures.filter((figure) => figure.met !== undefined).map((figure) => ({ name: `${result.name}.${figure.id}`, met: figure.met })));
  return {
    machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: rounded(totalmem() / 2 ** 30), system: release(), node: process.version },
    seconds: rounded(seconds),
    targets: { met: judged.filter((figure) => figure.met === true).length, missed: judged.filter((figure) => figure.met === false).map((figure) => figure.name) },
    failed: results.filter((result) => result.error !== undefined).map((result) => result.name),
    benchmarks: Object.fromEntries(results.map((result) => [result.name, { seconds: rounded(result.seconds), ...(result.error === undefined ? {} : { error: result.error }), figures: Object.fromEntries(result.figures.map((figure) => [figure.id, figureJson(figure)])) }])),
  };
}

function figureJson({ id: _id, value, floor, ratio, difference, ...rest }: JudgedFigure): object {
  const numbers = Object.entries({ value, floor, ratio, difference }).filter(([, number]) => number !== undefined).map(([name, number]) => [name, rounded(number ?? 0)]);
  return { ...Object.fromEntries(numbers), ...rest };
}

function targetText(target: Target, unit: string): string {
  const what = target.of === 'ratio' ? 'ratio ' : target.of === 'difference' ? 'floor + ' : '';
  const units = target.of === 'ratio' ? '' : ` ${unit}`;
  if (target.atMost !== undefined && target.atLeast !== undefined) return `${what}${target.atLeast} to ${target.atMost}${units}`;
  return target.atMost !== undefined ? `${what}at most ${target.atMost}${units}` : `${what}at least ${target.atLeast}${units}`;
}

function format(value: number): string {
  return Number.isFinite(value) ? rounded(value).toLocaleString('en', { maximumFractionDigits: 4 }) : String(value);
}
