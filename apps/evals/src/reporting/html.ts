import { FAMILIES } from '../faults/families.js';
import { surfaceOf, type SurfacePoint } from '../faults/surface.js';
import type { SuiteReport } from './report.js';
import { percent } from './surface-table.js';
import { failuresOf } from './table.js';

const WIDTH = 560;
const HEIGHT = 260;
const MARGIN = 44;

/** The report as one page for people that needs nothing else: no script, no file beside it, and every text escaped. */
export function renderHtml(report: SuiteReport): string {
  const points = surfaceOf(report.cases);
  const failed = report.cases.filter(({ passed }) => !passed);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(report.suite)}</title>
<style>${STYLE}</style></head><body>
<h1>${escape(report.suite)}</h1>
<p><strong class="${report.passed ? 'good' : 'bad'}">${report.passed ? 'Passed' : `${failed.length} of ${report.cases.length} failed`}</strong>, ${report.cases.length} executions, ${escape(report.startedAt)}, ${(report.durationMs / 1_000).toFixed(0)} s, suite <code>${escape(report.digest.slice(0, 16))}</code></p>
${points.length === 0 ? '' : `<h2>Tasks done, over the number of faults at once</h2>${plot(points)}${surface(points)}`}
${report.repeats.length < 2 ? '' : `<h2>Repeats</h2><table><tr><th>k<th>pass@k<th>pass^k</tr>${report.repeats.map(({ k, passAt, passAll }) => `<tr><td>${k}<td>${percent(passAt)}<td>${percent(passAll)}</tr>`).join('')}</table>`}
${failed.length === 0 ? '' : `<h2>What failed</h2>${failed.map((result) => `<section><h3>${escape(result.name)}</h3><ul>${failuresOf(result).map((reason) => `<li>${escape(reason)}`).join('')}</ul>${result.runId === undefined ? '' : `<p>run <code>${escape(result.runId)}</code></p>`}</section>`).join('')}`}
<h2>All executions</h2>
<table><tr><th><th>case<th>task<th>recovered in<th>time</tr>
${report.cases.map((result) => `<tr><td class="${result.passed ? 'good' : 'bad'}">${result.passed ? 'passed' : 'FAILED'}<td>${escape(result.name)}<td>${result.void === true ? 'fault came too late' : result.held !== undefined ? `held: ${escape(result.held)}` : result.solved === undefined ? '' : result.solved ? 'done' : 'not done'}<td>${result.kills.map(({ process, recoveryMs }) => `${process} ${recoveryMs === undefined ? '' : `${Math.round(recoveryMs)} ms`}`).join(', ')}<td>${(result.durationMs / 1_000).toFixed(1)} s</tr>`).join('\n')}
</table></body></html>
`;
}

/** Lines with their intervals, one for each family; the same figures stand in the table below. */
function plot(points: readonly SurfacePoint[]): string {
  const most = Math.max(1, ...points.map(({ intensity }) => intensity));
  const x = (intensity: number): number => MARGIN + ((intensity - 1) / Math.max(1, most - 1)) * (WIDTH - 2 * MARGIN);
  const y = (share: number): number => HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN);
  const families = FAMILIES.filter((family) => points.some((point) => point.family === family));
  const lines = families.map((family, index) => {
    const own = points.filter((point) => point.family === family);
    // A little to the side, so that intervals of families do not hide one another.
    const at = ({ intensity }: SurfacePoint): number => x(intensity) + (index - (families.length - 1) / 2) * 6;
    return `<g class="f${FAMILIES.indexOf(family)}"><polyline points="${own.map((point) => `${at(point)},${y(point.solved.estimate)}`).join(' ')}"/>${own.map((point) => `<line x1="${at(point)}" x2="${at(point)}" y1="${y(point.solved.low)}" y2="${y(point.solved.high)}"/><circle cx="${at(point)}" cy="${y(point.solved.estimate)}" r="3.5"/>`).join('')}<text x="${WIDTH - MARGIN + 20}" y="${MARGIN + index * 18}">${family}</text></g>`;
  });
  const grid = [0, 0.5, 1].map((share) => `<line class="grid" x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${y(share)}" y2="${y(share)}"/><text x="4" y="${y(share) + 4}">${share * 100} %</text>`);
  const ticks = Array.from({ length: most }, (_, index) => `<text x="${x(index + 1) - 4}" y="${HEIGHT - 14}">${index + 1}</text>`);
  return `<svg viewBox="0 0 ${WIDTH + 90} ${HEIGHT}" role="img" aria-label="Share of tasks done over the number of faults at once, by family of faults">${grid.join('')}${ticks.join('')}${lines.join('')}</svg>`;
}

function surface(points: readonly SurfacePoint[]): string {
  return `<table><tr><th>family<th>faults<th>cells<th>safe<th>task done<th>recovered in (median)</tr>${points.map(({ family, intensity, cells, void: late, safe, solved, medianRecoveryMs }) => `<tr><td>${family}<td>${intensity}<td>${cells - late}<td>${percent(safe)}<td>${percent(solved)}<td>${medianRecoveryMs === undefined ? '' : `${Math.round(medianRecoveryMs)} ms`}</tr>`).join('')}</table>`;
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;font-size:.9rem}th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #8884;vertical-align:top}td{overflow-wrap:anywhere}.good{color:#137333}.bad{color:#b3261e}@media(prefers-color-scheme:dark){.good{color:#81c995}.bad{color:#f2b8b5}}svg{max-width:44rem;width:100%;font-size:12px;fill:currentColor}polyline{fill:none;stroke-width:2}.grid{stroke:#8886}${['#1a73e8', '#d93025', '#9334e6', '#e8710a', '#188038'].map((colour, index) => `.f${index}{stroke:${colour};fill:${colour}}`).join('')}svg g text{stroke:none}`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
