import { useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import type { AnswerTo } from '../api/answers.js';
import { useRefreshed } from '../api/use-refreshed.js';
import { Loaded } from '../elements/loaded.js';
import { Page } from '../elements/page.js';
import { Ago } from '../elements/time.js';
import { may } from '../session/session.js';
import { RevokeDialog } from './revoke-dialog.js';
import { RouteDialog } from './route-dialog.js';

export type Agent = AnswerTo<'/v1/agents'>['agents'][number];
export type Version = Agent['versions'][number];

type Asked = { readonly what: 'route'; readonly agent: Agent } | { readonly what: 'revoke'; readonly agent: Agent; readonly version: Version };

/** The agents: which of their versions new tasks get, what runs on each, and what may not go on. */
export function AgentsPage() {
  const agents = useRefreshed((signal) => answerOf(api.GET('/v1/agents', { signal })), 'agents');
  const [asked, setAsked] = useState<Asked>();
  const close = (): void => {
    setAsked(undefined);
    agents.reload();
  };
  return (
    <Page title="Agents">
      <Loaded answer={agents}>
        {({ agents: all }) => (all.length === 0 ? <div class="empty"><p>No agents.</p></div> : all.map((agent) => <AgentCard key={agent.name} agent={agent} onAsk={setAsked} />))}
      </Loaded>
      {asked?.what === 'route' ? <RouteDialog agent={asked.agent} onClose={close} /> : null}
      {asked?.what === 'revoke' ? <RevokeDialog agent={asked.agent} version={asked.version} onClose={close} /> : null}
    </Page>
  );
}

function AgentCard({ agent, onAsk }: { readonly agent: Agent; readonly onAsk: (asked: Asked) => void }) {
  const { name, versions, route, deployed } = agent;
  return (
    <section class="card block" aria-label={name}>
      <header>
        <h2>{name}</h2>
        <span class="quiet">{route === undefined || route.shares.length === 0 ? 'New tasks get what is deployed.' : <>Routed by {route.by} <Ago at={route.at} />{route.comment === '' ? '' : `: ${route.comment}`}</>}</span>
        {may('admin') && versions.length > 1 ? <button type="button" class="outline small" onClick={() => onAsk({ what: 'route', agent })}>Change the route</button> : null}
      </header>
      <div class="table" tabIndex={0} role="region" aria-label={`Versions of ${name}`}>
        <table>
          <thead><tr><th>Version</th><th>New tasks</th><th class="number">Running</th><th>Published</th><th><span class="unseen">Actions</span></th></tr></thead>
          <tbody>
            {versions.map((version) => (
              <tr key={version.digest}>
                <td><a class="digest" href={`/console/agents/${name}/${version.digest}`}>{version.digest.slice(0, 12)}</a>{version.digest === deployed ? <span class="tag">deployed</span> : null}{version.revoked === undefined ? null : <span class="tag danger" title={version.revoked.reason}>revoked</span>}</td>
                <td><Share percent={version.percent} /></td>
                <td class="number">{version.running}</td>
                <td class="quiet">{version.publishedAt === undefined ? 'with the deployment' : <><Ago at={version.publishedAt} /> by {version.by}</>}</td>
                <td class="end">{may('admin') && version.revoked === undefined ? <button type="button" class="ghost small" data-variant="danger" onClick={() => onAsk({ what: 'revoke', agent, version })}>Revoke</button> : null}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A part of a hundred, as a bar and in words. */
function Share({ percent }: { readonly percent: number }) {
  return <span class="share"><meter min={0} max={100} value={percent} aria-hidden="true" />{percent} %</span>;
}
