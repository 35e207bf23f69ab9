import { timesOf, type Canary } from './evidence.js';

/** The curve in numbers, the latest first. */
export function EvidenceTable({ evidence }: Pick<Canary, 'evidence'>) {
  return (
    <details class="numbers">
      <summary>The evidence as a table</summary>
      <div class="table" tabIndex={0} role="region" aria-label="Evidence">
        <table>
          <thead><tr><th class="number">Pairs</th><th>Metric</th><th class="number">Candidate</th><th class="number">Incumbent</th><th class="number">Harm, times</th><th class="number">No harm, times</th></tr></thead>
          <tbody>
            {evidence.toReversed().flatMap(({ pairs, metrics }) => metrics.map(({ metric, candidate, incumbent, harm, noHarm }) => (
              <tr key={`${pairs} ${metric}`}>
                <td class="number">{pairs}</td><td>{metric}</td><td class="number">{candidate.toFixed(3)}</td><td class="number">{incumbent.toFixed(3)}</td>
                <td class="number">{timesOf(harm)}</td><td class="number">{timesOf(noHarm)}</td>
              </tr>
            )))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
