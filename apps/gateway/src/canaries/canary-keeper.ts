import type { AgentRegistry, CanaryBook } from '@holdfast/agent-registry';
import { nextStep, type Canary, type NextStep } from '@holdfast/canary';
import { HoldfastError } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';

/** How often routes are looked at, in milliseconds, beside each time that something new is known of a canary. */
const LOOK_MS = 1_000;
/** A canary goes through few steps; more at once would be two writers who undo one another. */
const MOST_STEPS = 4;

/**
 * Brings the routes of agents to what the records of canaries say. Every gateway has one: each step is a write with a fence, so of
 * several one is heard, and one that dies between two steps leaves the next to the others.
 */
export class CanaryKeeper {
  private looking: Promise<void> | undefined;
  private again = false;
  private readonly stops: (() => void)[] = [];

  constructor(private readonly book: CanaryBook, private readonly agents: AgentRegistry, private readonly logger: Pick<Logger, 'info' | 'warn'>) {}

  start(): void {
    const timer = setInterval(() => this.look(), LOOK_MS).unref();
    this.stops.push(() => clearInterval(timer), this.book.onChange(() => this.look()));
    this.look();
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  /** Looks once at all canaries, and once more where it was asked to meanwhile. */
  look(): void {
    if (this.looking !== undefined) {
      this.again = true;
      return;
    }
    this.looking = this.keepAll().finally(() => {
      this.looking = undefined;
      if (!this.again) return;
      this.again = false;
      this.look();
    });
  }

  private async keepAll(): Promise<void> {
    for (const { declared: { declaration: { id } } } of this.book.all) await this.keep(id).catch((error: unknown) => this.logger.warn({ err: error, canary: id }, 'a canary could not be brought further, and is looked at again'));
  }

  /** Takes the steps of one canary until there is nothing to do. */
  async keep(id: string): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      const canary = this.book.require(id);
      if (!(await this.step(canary))) return;
    }
  }

  private async step(canary: Canary): Promise<boolean> {
    const { id, agent, candidate } = canary.declared.declaration;
    const isRevoked = (digest: string): boolean => this.agents.revocation({ name: agent, digest }) !== undefined;
    const next = (): NextStep => nextStep(canary, this.agents.route(agent), isRevoked(candidate));
    if (next().do === 'nothing') return false;
    // A route that somebody set a moment ago may not have been heard of, and would make it another end.
    await this.agents.refresh();
    const step = next();
    if (step.do === 'nothing') return false;
    if (step.do === 'end') {
      await this.book.end(id, { ...step.end, at: Date.now() });
      return true;
    }
    // A version that was revoked meanwhile gets nothing anyway, and no route may name it.
    const shares = step.route.shares.filter(({ digest }) => !isRevoked(digest));
    try {
      await this.agents.setRoute(agent, { ...step.route, shares }, step.seen);
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.code !== 'agent.route-changed') throw error;
      return true;
    }
    this.logger.info({ canary: id, agent, step: step.route.canary?.step }, 'the route of an agent follows its canary');
    return true;
  }
}
