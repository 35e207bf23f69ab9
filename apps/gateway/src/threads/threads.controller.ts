import { Controller, Inject, Param, Query } from '@nestjs/common';
import type { Bus } from '@holdfast/bus';
import { subjects, threadAnswer, threadProjectionAnswer, type ProjectedTurn, type ThreadAnswer, type ThreadProjectionAnswer } from '@holdfast/contracts';
import { BUS } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { PublicView, SECRET } from '../runs/public-event.js';
import { getThread, getThreadProjection, rebuildThreads, threadParameters, threadQuery } from './threads.endpoints.js';

/** The projection is brought up to date first, and the checksum reads all of it. */
const TIMEOUT_MS = 15_000;

@Controller()
export class ThreadsController {
  constructor(@Inject(BUS) private readonly bus: Pick<Bus, 'request'>) {}

  @Serves(getThread)
  async thread(@Caller() caller: Principal, @Param() parameters: unknown, @Query() query: unknown): Promise<ThreadAnswer> {
    const asked = { tenant: caller.tenant, thread: checked(threadParameters, parameters).thread, offset: checked(threadQuery, query).offset };
    const answer = await this.bus.request(subjects.memoryThread(), asked, threadAnswer, { timeoutMs: TIMEOUT_MS });
    const view = new PublicView();
    return { ...answer, turns: answer.turns.map(({ goal, answer: said, ...turn }) => ({ ...turn, goal: shown(goal, view), ...(said === undefined ? {} : { answer: shown(said, view) }) })) };
  }

  @Serves(getThreadProjection)
  standing(): Promise<ThreadProjectionAnswer> {
    return this.bus.request(subjects.memoryThreads(), { rebuild: false }, threadProjectionAnswer, { timeoutMs: TIMEOUT_MS });
  }

  @Serves(rebuildThreads)
  rebuild(): Promise<ThreadProjectionAnswer> {
    return this.bus.request(subjects.memoryThreads(), { rebuild: true }, threadProjectionAnswer, { timeoutMs: TIMEOUT_MS });
  }
}

function shown({ text, label }: ProjectedTurn['goal'], view: PublicView): ProjectedTurn['goal'] {
  return { text: label.secrecy === 'secret' ? SECRET : view.scrubText(text), label };
}
