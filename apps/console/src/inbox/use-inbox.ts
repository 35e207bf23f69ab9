import { useCallback, useEffect, useRef } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { useAnswer, type Answer } from '../api/use-answer.js';
import { useStream } from '../api/use-stream.js';
import { mattersOf, type Matter } from './matters.js';

export interface Waiting {
  readonly matters: readonly Matter[];
  /** True when more waits than is listed. */
  readonly more: boolean;
}

/** Changes that come faster than this, in milliseconds, are answered by one look. */
const CALM_MS = 250;
const MOST_RUNS = 200;

/** Everything that waits for a person, live. */
export function useInbox(): Answer<Waiting> {
  const answer = useAnswer(readInbox, 'inbox');
  const { data, isLoading, reload } = answer;
  const isStale = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const look = useCallback(() => {
    isStale.current = true;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      // A look that is under way is let finish, or a busy installation would never be seen at all.
      if (!isStale.current || loading.current) return;
      isStale.current = false;
      reload();
    }, CALM_MS);
  }, [reload]);
  const loading = useRef(isLoading);
  loading.current = isLoading;
  useEffect(() => {
    if (!isLoading && isStale.current) look();
  }, [isLoading, look]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useStream('/v1/stream', {
    onOpen: look,
    onEvent: ({ data: text }) => {
      if (concerns(JSON.parse(text) as Summary, data?.matters ?? [])) look();
    },
  });
  return answer;
}

interface Summary {
  readonly runId: string;
  readonly approvalsWaiting: readonly unknown[];
  readonly openCalls: readonly { readonly status: string }[];
}

/** True when a run that changed waits for a person, or did when we looked last. */
function concerns({ runId, approvalsWaiting, openCalls }: Summary, matters: readonly Matter[]): boolean {
  return approvalsWaiting.length > 0 || openCalls.some(({ status }) => status === 'in-doubt' || status === 'waiting') || matters.some((matter) => matter.runId === runId || (matter.kind === 'doubt' && matter.doubt.calls.some((call) => call.runId === runId)));
}

async function readInbox(signal: AbortSignal): Promise<Waiting> {
  const asked = { params: { query: { limit: MOST_RUNS } }, signal };
  const [{ approvals, more: moreApprovals }, { operations, more: moreDoubts }, { questions, more: moreQuestions }] = await Promise.all([
    answerOf(api.GET('/v1/approvals', asked)), answerOf(api.GET('/v1/in-doubt', asked)), answerOf(api.GET('/v1/questions', asked)),
  ]);
  return { matters: mattersOf({ approvals, doubts: operations, questions }), more: moreApprovals || moreDoubts || moreQuestions };
}
