import { Body, Controller, Inject, Param } from '@nestjs/common';
import type { z } from 'zod';
import { AgentRegistry, CanaryBook } from '@holdfast/agent-registry';
import type { Bus } from '@holdfast/bus';
import { isPaused, thresholds, type Canary } from '@holdfast/canary';
import { HoldfastError, canaryDeclaration, logStream, type CanaryDeclaration, type CanaryWord, type Digest } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import { BUS, EVENT_LOG } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { InvalidRequest } from '../edge/problem.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { abortCanary, canaryComment, canaryParameters, declareCanary, getCanary, listCanaries, pauseCanary, promoteCanary, resumeCanary, type canaryDetail, type canaryList, type canarySummary } from './canaries.endpoints.js';
import { CanaryKeeper } from './canary-keeper.js';

type Detail = z.infer<typeof canaryDetail>;

const MOST_LISTED = 200;
const MOST_WORDS = 100;

/** Canaries: people put a version on trial, look at its evidence, and may end it before the evidence does. */
@Controller()
export class CanariesController {
  constructor(
    @Inject(CanaryBook) private readonly book: CanaryBook, @Inject(AgentRegistry) private readonly agents: AgentRegistry, @Inject(CanaryKeeper) private readonly keeper: CanaryKeeper,
    @Inject(BUS) private readonly bus: Pick<Bus, 'lastBySubject'>, @Inject(EVENT_LOG) private readonly log: Pick<EventLog, 'partitions'>,
  ) {}

  @Serves(listCanaries)
  async list(): Promise<z.infer<typeof canaryList>> {
    await this.book.refresh();
    return { canaries: this.book.all.toReversed().slice(0, MOST_LISTED).map(summaryOf) };
  }

  @Serves(getCanary)
  async show(@Param() parameters: unknown): Promise<Detail> {
    const { id } = checked(canaryParameters, parameters);
    await this.book.refresh();
    return detailOf(this.book.require(id));
  }

  @Serves(declareCanary)
  async declare(@Caller() caller: Principal, @Body() body: unknown): Promise<Detail> {
    const declaration = checked(canaryDeclaration, body);
    await this.book.refresh();
    const known = this.book.find(declaration.id);
    // What was declared once is answered as it stands, and another canary of that id is refused, whatever could be declared now.
    if (known !== undefined) return detailOf(await this.book.declare({ ...known.declared, declaration }));
    const incumbent = await this.requireTriable(declaration);
    const present = this.agents.route(declaration.agent);
    await this.book.declare({
      declaration, incumbent, seen: present?.sequence ?? 0, before: present?.route.shares ?? [], from: await this.logEnds(), by: caller.name, at: Date.now(),
    });
    return this.kept(declaration.id);
  }

  @Serves(pauseCanary)
  pause(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<Detail> {
    return this.say('pause', caller, parameters, body);
  }

  @Serves(resumeCanary)
  resume(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<Detail> {
    return this.say('resume', caller, parameters, body);
  }

  @Serves(promoteCanary)
  promote(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<Detail> {
    return this.say('promote', caller, parameters, body);
  }

  @Serves(abortCanary)
  abort(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<Detail> {
    return this.say('abort', caller, parameters, body);
  }

  private async say(word: CanaryWord['word'], caller: Principal, parameters: unknown, body: unknown): Promise<Detail> {
    const { id } = checked(canaryParameters, parameters);
    const { comment } = checked(canaryComment, body);
    await this.book.say(id, { word, by: caller.name, comment, at: Date.now() });
    return this.kept(id);
  }

  /** The canary once the route follows it, as far as that can be done at once; another look follows in any case. */
  private async kept(id: string): Promise<Detail> {
    await this.keeper.keep(id).catch(() => this.keeper.look());
    return detailOf(this.book.require(id));
  }

  /** Throws what stands against trying this version now; returns the incumbent. */
  private async requireTriable({ id, agent, candidate }: CanaryDeclaration): Promise<Digest> {
    await this.agents.checkRoute(agent, [{ digest: candidate, weight: 1 }]);
    const busy = this.book.all.find(({ end, declared }) => end === undefined && declared.declaration.agent === agent && declared.declaration.id !== id);
    if (busy !== undefined) throw new HoldfastError({ code: 'canary.agent-busy', message: `The agent "${agent}" has the canary "${busy.declared.declaration.id}".`, retryable: false, remedy: 'Wait for its end, or abort it.' });
    const [incumbent, ...others] = (await this.agents.shares(agent)).filter(({ weight, isRevoked }) => weight > 0 && !isRevoked);
    if (incumbent === undefined || others.length > 0) throw new HoldfastError({ code: 'canary.incumbent-unclear', message: `New tasks of "${agent}" go to ${others.length === 0 ? 'no version' : `${others.length + 1} versions`}, and a canary is compared with one.`, retryable: false, remedy: 'Route all tasks to one version first.' });
    if (incumbent.version.digest === candidate) throw new InvalidRequest([{ pointer: '/candidate', detail: 'gets all new tasks already' }]);
    return incumbent.version.digest;
  }

  /** Where the log stands: what the canary is judged by comes after. */
  private logEnds(): Promise<number[]> {
    return Promise.all(Array.from({ length: this.log.partitions }, async (_, partition) => ((await this.bus.lastBySubject(logStream(partition), `log.${partition}.>`))?.sequence ?? 0) + 1));
  }
}

function summaryOf(canary: Canary): z.infer<typeof canarySummary> {
  const { declared: { declaration, incumbent, by, at }, verdict, end, points } = canary;
  const last = points.at(-1);
  return {
    id: declaration.id, agent: declaration.agent, status: end?.outcome ?? (isPaused(canary) ? 'paused' : 'running'), candidate: declaration.candidate, incumbent, percent: declaration.percent, declaredBy: by, declaredAt: at,
    pairs: last?.pairs ?? 0, candidateRuns: last?.candidateRuns ?? 0, incumbentRuns: last?.incumbentRuns ?? 0, metrics: last?.metrics ?? [], thresholds: thresholds(declaration.metrics.length, declaration.alpha),
    ...(verdict === undefined ? {} : { verdict }), ...(end === undefined ? {} : { end }),
  };
}

function detailOf(canary: Canary): Detail {
  return { ...summaryOf(canary), declaration: canary.declared.declaration, words: canary.words.slice(-MOST_WORDS), evidence: [...canary.points] };
}
