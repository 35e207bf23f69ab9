import { useRoute } from 'preact-iso';
import { answerOf, api } from '../api/client.js';
import { useAnswer } from '../api/use-answer.js';
import { Json } from '../elements/facts.js';
import { Loaded } from '../elements/loaded.js';
import { Page } from '../elements/page.js';
import { exactTime } from '../elements/time.js';

/** What a version of an agent declares: all that its runs go by. */
export function VersionPage() {
  const { name = '', digest = '' } = useRoute().params;
  const version = useAnswer((signal) => answerOf(api.GET('/v1/agents/{name}/versions/{digest}', { params: { path: { name, digest } }, signal })), `${name} ${digest}`);
  return (
    <Page title={name} up={{ href: '/console/agents', label: 'Agents' }} aside={<code class="quiet">{digest.slice(0, 12)}</code>}>
      <Loaded answer={version}>
        {({ declaration, revoked }) => {
          const { instructions, ...rest } = declaration;
          return (
            <>
              {revoked === undefined ? null : <div role="alert" data-variant="danger"><div><strong>Revoked by {revoked.by}</strong> on {exactTime(revoked.at)}: {revoked.reason}</div></div>}
              <h2>Instructions</h2>
              <pre class="prose">{instructions}</pre>
              <h2>Declaration</h2>
              <Json value={rest} label="Declaration" />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
