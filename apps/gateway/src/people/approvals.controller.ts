import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { HoldfastError, canonicalJson, type RecordedCommit, type RunEventOf } from '@holdfast/contracts';
import { isDoubtId } from '@holdfast/run';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { doubtsOf } from '../in-doubt/doubts.js';
import { FactInbox } from '../intake/fact-inbox.js';
import { MAXIMUM_PAYLOAD_BYTES, requireModest } from '../intake/limits.js';
import { freshView } from '../runs/lineage.js';
import { tellRun } from '../runs/run-detail.js';
import { RunHistories } from '../runs/run-histories.js';
import { RunIndex } from '../runs/run-index.js';
import { factIdOf } from './fact-id.js';
import { answerApproval, approvalAnswer, approvalParameters, factStored, listApprovals, waitingApproval, waitingList, waitingQuery } from './people.endpoints.js';

type Stored = z.infer<typeof factStored>;
type Waiting = z.infer<typeof waitingApproval>;

@Controller()
export class ApprovalsController {
  constructor(@Inject(RunIndex) private readonly index: RunIndex, @Inject(RunHistories) private readonly histories: RunHistories, @Inject(FactInbox) private readonly inbox: FactInbox) {}

  @Serves(listApprovals)
  async list(@Caller() caller: Principal, @Query() query: unknown): Promise<z.infer<typeof waitingList>> {
    const { limit } = checked(waitingQuery, query);
    const { runs, more } = this.index.listWaiting(caller.tenant, limit);
    const found = await Promise.all(runs.map(({ runId }) => this.waitingOf(caller.tenant, runId)));
    return { approvals: found.flat().sort((a, b) => a.requestedAt - b.requestedAt), more };
  }

  /** Questions about operations in doubt have a list of their own. */
  private async waitingOf(tenant: string, runId: string): Promise<readonly Waiting[]> {
    const history = await this.histories.read({ tenant, runId });
    const run = tellRun(history, await freshView(this.histories, { tenant, runId }, history));
    if (run.phase === 'ended') return [];
    return run.approvals.filter((approval) => approval.answer === undefined && !isDoubtId(approval.approvalId)).map((approval) => ({ ...approval, runId, agent: run.agent, goal: run.goal }));
  }

  /** The orchestrator decides whether the answer counts; what the log already shows to be in vain is told at once. */
  @Serves(answerApproval)
  async answer(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<Stored> {
    const { runId, approvalId } = checked(approvalParameters, parameters);
    const word = checked(approvalAnswer, body);
    const { answer, comment } = word;
    const revision = word.answer === 'edited' ? { arguments: word.arguments } : word.answer === 'endorsed' ? { endorse: word.endorse } : {};
    requireModest(revision, MAXIMUM_PAYLOAD_BYTES, 'answer');
    const key = { tenant: caller.tenant, runId };
    const id = factIdOf('approval', key, approvalId, caller.name, answer, ...(Object.keys(revision).length === 0 ? [] : [canonicalJson(revision)]));
    const history = await this.histories.read(key);
    requireNoOperation(history, approvalId);
    const given = answerIn(history, approvalId);
    if (given !== undefined) {
      if (given.by === caller.name && given.answer === answer) return { runId, factId: id, duplicate: true };
      throw new HoldfastError({ code: 'approval.answered', message: `The approval was ${given.answer} by ${given.by}.`, retryable: false, remedy: 'Look at the run; an answer works once.' });
    }
    requireSecondPerson(history, approvalId, caller.name, answer);
    if (history.at(-1)?.commit.route === 'end') throw new HoldfastError({ code: 'run.ended', message: 'The run has ended.', retryable: false, remedy: 'Look at the run; its approvals are no longer needed.' });
    const { duplicate } = await this.inbox.put(key, { kind: 'approval', id, approvalId, answer, by: caller.name, comment, roles: [...caller.roles, ...caller.groups], ...revision });
    return { runId, factId: id, duplicate };
  }
}

/**
 * A word about an operation has to reach the ledger as well, or others would go on waiting for it. Doubts that an earlier
 * release left have no key there, and are settled for their run alone.
 */
function requireNoOperation(history: readonly RecordedCommit[], approvalId: string): void {
  if (!isDoubtId(approvalId) || !doubtsOf(history).some((doubt) => doubt.approvalId === approvalId && doubt.isInLedger)) return;
  throw new HoldfastError({ code: 'approval.is-doubt', message: 'Whether an operation happened is not a matter of approval.', retryable: false, remedy: 'GET /v1/in-doubt names the operation; say there what was found out, so that the ledger of operations knows it too.' });
}

/** Where two people have to agree, one of them cannot be both. */
function requireSecondPerson(history: readonly RecordedCommit[], approvalId: string, name: string, answer: string): void {
  const first = history.flatMap(({ commit }) => commit.events).find((event) => event.type === 'approval-counted' && event.approvalId === approvalId);
  if (answer !== 'approved' || first?.type !== 'approval-counted' || first.by !== name) return;
  throw new HoldfastError({ code: 'approval.same-person', message: 'You have agreed already, and another person has to as well.', retryable: false, remedy: 'Let somebody else answer.' });
}

/** The recorded answer to an approval. Throws `approval.unknown` when the run has never asked for it. */
function answerIn(history: readonly RecordedCommit[], approvalId: string): { readonly answer: RunEventOf<'approval-answered'>['answer'] | 'resolved'; readonly by: string } | undefined {
  let asked = false;
  for (const event of history.flatMap((recorded) => recorded.commit.events)) {
    if (event.type === 'approval-requested' && event.approvalId === approvalId) asked = true;
    if (event.type === 'approval-answered' && event.approvalId === approvalId) return event;
    if (event.type === 'doubt-resolved' && event.approvalId === approvalId) return { answer: 'resolved', by: event.by };
  }
  if (asked) return undefined;
  throw new HoldfastError({ code: 'approval.unknown', message: `The run has no approval "${approvalId}".`, retryable: false, remedy: 'GET /v1/approvals lists what waits.' });
}
