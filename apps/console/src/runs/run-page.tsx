import { useRoute } from 'preact-iso';
import { answerOf, api } from '../api/client.js';
import { useAnswer } from '../api/use-answer.js';
import { Page } from '../elements/page.js';
import { ProblemNote } from '../elements/problem-note.js';
import { Status } from './status.js';

export function RunPage() {
  const runId = useRoute().params['runId'] ?? '';
  const { data: run, problem, reload } = useAnswer((signal) => answerOf(api.GET('/v1/runs/{runId}', { params: { path: { runId } }, signal })), runId);
  return (
    <Page title={run === undefined ? 'Run' : run.goal || run.taskId} up={{ href: '/console/runs', label: 'Runs' }} aside={run === undefined ? null : <Status of={run.status} />}>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {run === undefined ? null : <p>{run.answer ?? run.reason ?? ''}</p>}
    </Page>
  );
}
