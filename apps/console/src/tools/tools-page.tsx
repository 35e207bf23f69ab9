import { answerOf, api } from '../api/client.js';
import type { AnswerTo } from '../api/answers.js';
import { useRefreshed } from '../api/use-refreshed.js';
import { Loaded } from '../elements/loaded.js';
import { Page } from '../elements/page.js';
import { ProblemNote } from '../elements/problem-note.js';
import { BreakerState, type Breaker } from './breaker.js';
import { Standing } from './standing.js';

type Tool = AnswerTo<'/v1/tools'>['tools'][number];

const ORDER: Readonly<Record<Tool['status'], number>> = { quarantined: 0, changed: 1, healthy: 2 };

const isOpen = (breaker: Breaker | undefined): number => (breaker === undefined || breaker.state === 'closed' ? 0 : 1);

/** The tools, those that need somebody first. */
export function ToolsPage() {
  const tools = useRefreshed((signal) => answerOf(api.GET('/v1/tools', { signal })), 'tools');
  const breakers = useRefreshed((signal) => answerOf(api.GET('/v1/breakers', { signal })), 'breakers');
  const breakerOf = new Map((breakers.data?.breakers ?? []).map((breaker) => [breaker.tool, breaker]));
  return (
    <Page title="Tools">
      {breakers.problem === undefined ? null : <ProblemNote problem={breakers.problem} onRetry={breakers.reload} />}
      <Loaded answer={tools}>
        {({ tools: all }) => (
          <div class="table" tabIndex={0} role="region" aria-label="Tools">
            <table>
              <thead><tr><th>Tool</th><th>Stands</th><th>Breaker</th><th>Effect</th><th>What it does</th></tr></thead>
              <tbody>
                {[...all].sort((one, other) => ORDER[one.status] - ORDER[other.status] || isOpen(breakerOf.get(other.name)) - isOpen(breakerOf.get(one.name)) || one.name.localeCompare(other.name)).map((tool) => (
                  <tr key={tool.name}>
                    <td><a href={`/console/tools/${tool.name}`}><code>{tool.name}</code></a></td>
                    <td><Standing of={tool.status} /></td>
                    <td>{breakers.data === undefined ? <span class="quiet">not known</span> : <BreakerState of={breakerOf.get(tool.name)} />}</td>
                    <td>{tool.effect}</td>
                    <td class="quiet wide">{tool.description}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
