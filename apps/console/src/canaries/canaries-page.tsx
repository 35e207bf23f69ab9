import { answerOf, api } from '../api/client.js';
import { useRefreshed } from '../api/use-refreshed.js';
import { Loaded } from '../elements/loaded.js';
import { Page } from '../elements/page.js';
import { Ago } from '../elements/time.js';
import { CanaryStatus } from './canary-status.js';

/** Versions of agents on trial, and those that were; the latest first. */
export function CanariesPage() {
  const canaries = useRefreshed((signal) => answerOf(api.GET('/v1/canaries', { signal })), 'canaries');
  return (
    <Page title="Canaries">
      <Loaded answer={canaries}>
        {({ canaries: all }) => (all.length === 0
          ? <div class="empty"><p>No version has been on trial.</p><p><code>holdfast canary start</code> puts one on trial.</p></div>
          : (
              <div class="table" tabIndex={0} role="region" aria-label="Canaries">
                <table>
                  <thead><tr><th>Canary</th><th>Stands</th><th>Agent</th><th>Candidate</th><th class="number">New tasks</th><th class="number">Pairs</th><th>Declared</th></tr></thead>
                  <tbody>
                    {all.map(({ id, status, agent, candidate, percent, pairs, declaredBy, declaredAt }) => (
                      <tr key={id}>
                        <td><a href={`/console/canaries/${id}`}>{id}</a></td>
                        <td><CanaryStatus of={status} /></td>
                        <td>{agent}</td>
                        <td><a class="digest" href={`/console/agents/${agent}/${candidate}`}>{candidate.slice(0, 12)}</a></td>
                        <td class="number">{percent} %</td>
                        <td class="number">{pairs}</td>
                        <td class="quiet"><Ago at={declaredAt} /> by {declaredBy}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            ))}
      </Loaded>
    </Page>
  );
}
