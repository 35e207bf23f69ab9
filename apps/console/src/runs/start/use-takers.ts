import { answerOf, api } from '../../api/client.js';
import { useAnswer, type Answer } from '../../api/use-answer.js';
import { takersOf, type Taker } from './takers.js';

/** The types of tasks that can be begun, and who takes each as the routes are. */
export function useTakers(): Answer<readonly Taker[]> {
  return useAnswer(async (signal) => {
    const { agents } = await answerOf(api.GET('/v1/agents', { signal }));
    const routed = agents.flatMap(({ name, versions }) => versions.filter(({ percent }) => percent > 0).map(({ digest, percent }) => ({ agent: name, digest, percent })));
    return takersOf(await Promise.all(routed.map(async (version) => {
      const { declaration } = await answerOf(api.GET('/v1/agents/{name}/versions/{digest}', { params: { path: { name: version.agent, digest: version.digest } }, signal }));
      return { ...version, taskTypes: declaration.taskTypes };
    })));
  }, 'takers');
}
