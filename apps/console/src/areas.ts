import { Activity, Bot, FlaskConical, Inbox, MailX, Wallet, Wrench } from 'lucide';
import type { FunctionComponent } from 'preact';
import { lazy } from 'preact-iso';
import type { IconNode } from './elements/icon.js';
import { InboxBadge } from './inbox/inbox-badge.js';

/** A part of the console that has a place in its navigation. */
export interface Area {
  /** The addresses of its pages, with parameters as `:name`; the first is where its link leads. */
  readonly pages: readonly { readonly path: string; readonly page: FunctionComponent }[];
  readonly label: string;
  readonly icon: IconNode;
  /** What waits there, as a number beside the link. */
  readonly badge?: FunctionComponent;
}

/** In the order of the navigation. Each page is loaded when it is first looked at. */
export const AREAS: readonly Area[] = [
  {
    label: 'Runs',
    icon: Activity,
    pages: [
      { path: '/console/runs', page: lazy(() => import('./runs/runs-page.js').then(({ RunsPage }) => RunsPage)) },
      { path: '/console/runs/:runId', page: lazy(() => import('./runs/run-page.js').then(({ RunPage }) => RunPage)) },
    ],
  },
  {
    label: 'Inbox',
    icon: Inbox,
    badge: InboxBadge,
    pages: [{ path: '/console/inbox', page: lazy(() => import('./inbox/inbox-page.js').then(({ InboxPage }) => InboxPage)) }],
  },
  {
    label: 'Agents',
    icon: Bot,
    pages: [
      { path: '/console/agents', page: lazy(() => import('./agents/agents-page.js').then(({ AgentsPage }) => AgentsPage)) },
      { path: '/console/agents/:name/:digest', page: lazy(() => import('./agents/version-page.js').then(({ VersionPage }) => VersionPage)) },
    ],
  },
  {
    label: 'Canaries',
    icon: FlaskConical,
    pages: [
      { path: '/console/canaries', page: lazy(() => import('./canaries/canaries-page.js').then(({ CanariesPage }) => CanariesPage)) },
      { path: '/console/canaries/:id', page: lazy(() => import('./canaries/canary-page.js').then(({ CanaryPage }) => CanaryPage)) },
    ],
  },
  {
    label: 'Tools',
    icon: Wrench,
    pages: [
      { path: '/console/tools', page: lazy(() => import('./tools/tools-page.js').then(({ ToolsPage }) => ToolsPage)) },
      { path: '/console/tools/:name', page: lazy(() => import('./tools/tool-page.js').then(({ ToolPage }) => ToolPage)) },
    ],
  },
  {
    label: 'Budgets',
    icon: Wallet,
    pages: [{ path: '/console/budgets', page: lazy(() => import('./budgets/budgets-page.js').then(({ BudgetsPage }) => BudgetsPage)) }],
  },
  {
    label: 'Dead letters',
    icon: MailX,
    pages: [{ path: '/console/dead-letters', page: lazy(() => import('./dead-letters/dead-letters-page.js').then(({ DeadLettersPage }) => DeadLettersPage)) }],
  },
];
