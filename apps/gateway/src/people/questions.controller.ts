import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { HoldfastError, type Question, type RecordedCommit, type RunEventOf } from '@holdfast/contracts';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { InvalidRequest } from '../edge/problem.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { FactInbox } from '../intake/fact-inbox.js';
import { tellRun } from '../runs/run-detail.js';
import { RunHistories } from '../runs/run-histories.js';
import { RunIndex } from '../runs/run-index.js';
import { factIdOf } from './fact-id.js';
import { factStored, waitingQuery } from './people.endpoints.js';
import { answerQuestion, listQuestions, questionAnswer, questionList, questionParameters, type OpenQuestion } from './questions.endpoints.js';

type Begun = RunEventOf<'wait-begun'> & { readonly wait: { readonly for: 'signal'; readonly name: string; readonly question: Question } };

/** What agents ask people. An answer is the signal that the run waits for, so it is recorded and labelled like any. */
@Controller()
export class QuestionsController {
  constructor(@Inject(RunIndex) private readonly index: RunIndex, @Inject(RunHistories) private readonly histories: RunHistories, @Inject(FactInbox) private readonly inbox: FactInbox) {}

  @Serves(listQuestions)
  async list(@Caller() caller: Principal, @Query() query: unknown): Promise<z.infer<typeof questionList>> {
    const { runs, more } = this.index.listAsking(caller.tenant, checked(waitingQuery, query).limit);
    const found = await Promise.all(runs.map(async ({ runId }) => openIn(await this.histories.read({ tenant: caller.tenant, runId }))));
    return { questions: found.flat().sort((a, b) => a.askedAt - b.askedAt), more };
  }

  @Serves(answerQuestion)
  async answer(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<z.infer<typeof factStored>> {
    const { runId, callId } = checked(questionParameters, parameters);
    const { answer } = checked(questionAnswer, body);
    const key = { tenant: caller.tenant, runId };
    const history = await this.histories.read(key);
    const { wait: { name, question } } = askedIn(history, callId);
    if (question.choices !== undefined && !question.choices.includes(answer)) throw new InvalidRequest([{ pointer: '/answer', detail: `must be one of ${question.choices.map((choice) => `"${choice}"`).join(', ')}` }]);
    const id = factIdOf('signal', key, name, caller.name, answer);
    if (history.some(({ commit }) => commit.cause.id === id)) return { runId, factId: id, duplicate: true };
    if (!openIn(history).some((open) => open.callId === callId)) throw new HoldfastError({ code: 'question.answered', message: 'The question waits for no answer any more.', retryable: false, remedy: 'Look at the run; an answer works once.' });
    return { runId, factId: id, ...(await this.inbox.put(key, { kind: 'signal', id, name, payload: answer, by: caller.name })) };
  }
}

function questionsIn(history: readonly RecordedCommit[]): readonly { readonly event: Begun; readonly at: number }[] {
  return history.flatMap(({ commit }) => commit.events.flatMap((event) => (event.type === 'wait-begun' && event.wait.for === 'signal' && event.wait.question !== undefined ? [{ event: event as Begun, at: commit.at }] : [])));
}

/** Throws `question.unknown` where the call has asked nobody anything. */
function askedIn(history: readonly RecordedCommit[], callId: string): Begun {
  const asked = questionsIn(history).find(({ event }) => event.callId === callId)?.event;
  if (asked !== undefined) return asked;
  throw new HoldfastError({ code: 'question.unknown', message: `The run asks no question by the call "${callId}".`, retryable: false, remedy: 'GET /v1/questions lists what is asked.' });
}

function openIn(history: readonly RecordedCommit[]): readonly OpenQuestion[] {
  const run = tellRun(history);
  const open = new Set(run.waitsFor.flatMap((awaited) => (awaited.for === 'signal' && awaited['question'] !== undefined ? [String(awaited['callId'])] : [])));
  return questionsIn(history).filter(({ event }) => open.has(event.callId)).map(({ event: { callId, wait }, at }) => ({
    ...wait.question, runId: run.runId, callId, agent: run.agent, goal: run.goal, askedAt: at, ...(wait.dueAt === undefined ? {} : { until: wait.dueAt }),
  }));
}
