import { useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { useAnswer } from '../api/use-answer.js';
import { Loaded } from '../elements/loaded.js';
import { Page } from '../elements/page.js';
import { Ago } from '../elements/time.js';

const PAGE = 50;

/** What could not be processed, each once, with its reason and what to do. */
export function DeadLettersPage() {
  const [pages, setPages] = useState<readonly number[]>([0]);
  const after = pages.at(-1) ?? 0;
  const letters = useAnswer((signal) => answerOf(api.GET('/v1/dead-letters', { params: { query: { after, limit: PAGE } }, signal })), String(after));
  return (
    <Page title="Dead letters">
      <Loaded answer={letters}>
        {({ letters: all }) => (
          <>
            {all.length === 0 ? <div class="empty"><p>{after === 0 ? 'Everything that came could be processed.' : 'There are no more.'}</p></div> : (
              <ul class="letters">
                {all.map((letter) => (
                  <li key={letter.sequence} class="card">
                    <p class="hstack"><strong>{letter.reason}</strong> <Ago at={letter.at} /></p>
                    <p>{letter.remedy}</p>
                    <p class="quiet"><code>{letter.code}</code> <code>{letter.subject}</code></p>
                    <details><summary>What came</summary><pre class="json" tabIndex={0}>{letter.payload}</pre></details>
                  </li>
                ))}
              </ul>
            )}
            <div class="hstack">
              {pages.length > 1 ? <button type="button" class="outline small" onClick={() => setPages(pages.slice(0, -1))}>Earlier</button> : null}
              {all.length === PAGE ? <button type="button" class="outline small" onClick={() => setPages([...pages, all.at(-1)?.sequence ?? after])}>Later</button> : null}
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}
