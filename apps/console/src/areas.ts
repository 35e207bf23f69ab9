import { Activity } from 'lucide';
import type { FunctionComponent } from 'preact';
import { lazy } from 'preact-iso';
import type { IconNode } from './elements/icon.js';

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
];
