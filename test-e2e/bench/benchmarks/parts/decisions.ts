import { authorizeAnswer, partitionOf, subjects, type RunKey } from '@holdfast/contracts';
import { draftsOfRun, sealRun } from '../../application/history.ts';
import { fill } from '../../floor/fill.ts';
import { TENANT, type Installation } from '../../installation/installation.ts';
import { roleBus } from '../../installation/role-bus.ts';
import { countStreams } from '../../installation/stream-counts.ts';
import type { BenchmarkContext } from '../../suite/benchmark.ts';
import type { Figure } from '../../suite/figure.ts';
import { inTurn } from './in-turn.ts';

const COUNT = 300;
const STEPS = 30;

/** One question to the running policy service about a run of 30 observations, with a signed permit, over a bare question and answer. */
export async function measureDecisions(context: BenchmarkContext, installation: Installation): Promise<readonly Figure[]> {
  context.progress('decisions of policy');
  const key: RunKey = { tenant: TENANT, runId: 'judged' };
  const partition = partitionOf(key, installation.stack.partitions);
  const last = (await countStreams(installation.core)).find(({ name }) => name === `LOG-${partition}`)?.stored ?? 0;
  // The run stands before its answer, so that policy has something to judge.
  const drafts = draftsOfRun(key.runId, STEPS, 'answered', Date.now()).slice(0, -1);
  await fill(installation.core, sealRun(key, drafts, (index) => last + 1 + index).map((commit) => ({ subject: subjects.commit(partition, key, commit.route), payload: JSON.stringify(commit) })), 1);
  const asker = await roleBus(context, installation, 'orchestrator');
  const responder = await installation.connect('CORE');
  responder.subscribe('bare.judge', { callback: (_error, message) => void message.respond(message.data) });
  await responder.flush();
  const question = (round: number) => ({ tenant: key.tenant, runId: key.runId, head: drafts.length, calls: [{ callId: `c${drafts.length}-1`, requestId: 'r', tool: 'count', arguments: { operation: `judged-${round}` } }] });
  const ask = async (round: number): Promise<void> => {
    const { verdicts } = await asker.request(subjects.policyAuthorize(), question(round), authorizeAnswer);
    if (verdicts[0]?.permit === undefined) throw new Error(`policy gave no permit: ${verdicts[0]?.reasons.join('; ')}`);
  };
  const payload = new Uint8Array(1_500).fill(97);
  const { value, floor } = await inTurn(Math.ceil(COUNT * context.options.scale), ask, () => installation.core.request('bare.judge', payload));
  return [{ id: 'decision_ms', title: `a decision of policy with its permit, run of ${STEPS} observations`, value, unit: 'ms', floor, floorTitle: 'bare question and answer' }];
}
