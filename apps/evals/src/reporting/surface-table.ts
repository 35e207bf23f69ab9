import type { SurfacePoint } from '../faults/surface.js';
import type { Share } from './repeats.js';

const HEADINGS = ['family', 'faults', 'cells', 'safe', 'task done', 'held for a person', 'recovered in'] as const;

/** The surface as a table for people: one line for each family and number of faults. */
export function renderSurface(points: readonly SurfacePoint[]): string {
  const rows = points.map(({ family, intensity, cells, void: shownNothing, safe, solved, held, medianRecoveryMs }) => [
    family, String(intensity), `${cells - shownNothing}${shownNothing === 0 ? '' : ` (and ${shownNothing} too late)`}`, percent(safe), percent(solved),
    Object.entries(held).map(([what, count]) => `${what} ${count}`).join(', '),
    medianRecoveryMs === undefined ? '' : `${Math.round(medianRecoveryMs)} ms`,
  ]);
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [HEADINGS, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

export function percent({ estimate, low, high }: Share): string {
  const [shown, from, to] = [estimate, low, high].map((value) => (value * 100).toFixed(1));
  return `${shown} % (${from} to ${to})`;
}
