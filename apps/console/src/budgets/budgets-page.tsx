import { answerOf, api } from '../api/client.js';
import type { AnswerTo } from '../api/answers.js';
import { useRefreshed } from '../api/use-refreshed.js';
import { duration } from '../elements/durations.js';
import { Loaded } from '../elements/loaded.js';
import { Page } from '../elements/page.js';
import { now } from '../elements/time.js';
import { usesOf } from './uses.js';

type Budget = AnswerTo<'/v1/budgets'>['budgets'][number];

/** Budgets that runs share, the most used first. */
export function BudgetsPage() {
  const budgets = useRefreshed((signal) => answerOf(api.GET('/v1/budgets', { signal })), 'budgets');
  return (
    <Page title="Budgets">
      <Loaded answer={budgets}>
        {({ budgets: all, more }) => (all.length === 0
          ? <div class="empty"><p>Nothing has been taken from a shared budget in its present window.</p></div>
          : (
              <>
                {more ? <p class="quiet">There is more than is read at once.</p> : null}
                <ul class="budgets">{all.map((budget) => <BudgetRow key={`${budget.limit} ${budget.holder}`} budget={budget} />)}</ul>
              </>
            ))}
      </Loaded>
    </Page>
  );
}

function BudgetRow({ budget }: { readonly budget: Budget }) {
  return (
    <li class="card">
      <strong>{budget.limit}</strong> <span class="quiet">{budget.holder} · anew in {duration(Math.max(0, budget.until - now.value))}</span>
      {usesOf(budget).map(({ name, used, most }) => (
        <div key={name} class="use">
          <span>{name}</span>
          <meter min={0} max={most} value={used} high={most * 0.8} optimum={0} aria-label={`${name}: ${used} of ${most}`} />
          <span class="number">{used} of {most}</span>
        </div>
      ))}
    </li>
  );
}
