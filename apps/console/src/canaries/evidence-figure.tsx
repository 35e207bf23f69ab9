import { CLAIMS, curveOf, timesOf, type Canary } from './evidence.js';

const SIZE = { width: 480, height: 180 } as const;

/** The evidence of one metric by pairs: a line for each claim, and how high it has to come. The table beside it tells the same in numbers. */
export function EvidenceFigure({ metric, evidence, thresholds }: { readonly metric: string } & Pick<Canary, 'evidence' | 'thresholds'>) {
  const { lines, levels, even, mostPairs } = curveOf(evidence, metric, thresholds, SIZE);
  const last = evidence.at(-1)?.metrics.find((one) => one.metric === metric);
  if (last === undefined) return null;
  const said = `${metric} after ${mostPairs} pairs: evidence of harm ${timesOf(last.harm)} of ${timesOf(thresholds.harm)}, of no harm ${timesOf(last.noHarm)} of ${timesOf(thresholds.noHarm)}`;
  return (
    <figure class="card curve">
      <figcaption><strong>{metric}</strong> <span class="quiet">loss {share(last.candidate)} against {share(last.incumbent)}</span></figcaption>
      <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={said} preserveAspectRatio="none">
        <line class="even" x1={0} x2={SIZE.width} y1={even} y2={even} />
        {CLAIMS.map((claim) => <line key={claim} class="level" data-claim={claim} x1={0} x2={SIZE.width} y1={levels[claim]} y2={levels[claim]} />)}
        {CLAIMS.map((claim) => <path key={claim} class="line" data-claim={claim} d={lines[claim]} />)}
      </svg>
      <p class="axis" aria-hidden="true"><span>0</span><span>{mostPairs} pairs</span></p>
      <ul class="key">
        <li data-claim="harm"><span class="stroke" aria-hidden="true" />Harm: {timesOf(last.harm)} of {timesOf(thresholds.harm)}</li>
        <li data-claim="noHarm"><span class="stroke" aria-hidden="true" />No harm: {timesOf(last.noHarm)} of {timesOf(thresholds.noHarm)}</li>
      </ul>
    </figure>
  );
}

/** A mean loss, from 0 (best) to 1 (worst). */
const share = (loss: number): string => loss.toFixed(3);
