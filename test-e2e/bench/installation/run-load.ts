import type { NatsConnection } from '@nats-io/transport-node';
import { logStream, parseCommitSubject, partitionOf } from '@holdfast/contracts';
import { TENANT, type Installation } from './installation.ts';

/** A commit as this process hears it. Only the subject is read, so that listening costs next to nothing. */
export interface HeardCommit {
  readonly runId: string;
  /** Who acts next: `plan`, `call.<adapter>`, `wait` or `end`. */
  readonly route: string;
  /** When it was heard, in milliseconds of this process (`performance.now()`). */
  readonly at: number;
}

export interface TaskWish {
  readonly steps: number;
  /** The tool that the model asks for in each step, or `study-and-count` for these two in turn; `count` when left out. */
  readonly tool?: string;
}

export interface StartedRun {
  /** The task's id; the run's own id is known with its first commit. */
  readonly id: string;
  /** Milliseconds from the publication of the task to the run's last commit. */
  readonly ended: Promise<number>;
}

const SWEEP_MS = 1_000;

/** Begins runs as another service would, and hears every commit as the broker republishes it. */
export class RunLoad {
  commits = 0;
  /** Commits that sent a call: one a step. */
  steps = 0;
  ended = 0;
  readonly #installation: Installation;
  readonly #reader: NatsConnection;
  readonly #listeners = new Set<(commit: HeardCommit) => void>();
  /** Task ids of runs that have begun and not ended, by run id. */
  readonly #open = new Map<string, string>();
  readonly #waiting = new Map<string, () => void>();
  readonly #sweep: NodeJS.Timeout;
  readonly #prefix: string;
  #begun = 0;

  private constructor(installation: Installation, reader: NatsConnection, prefix: string) {
    this.#installation = installation;
    this.#reader = reader;
    this.#prefix = prefix;
    reader.subscribe('committed.>', { callback: (_error, message) => this.#hear(message.subject, message.data) });
    // Republished commits are lost while the broker is away; a run that ended meanwhile is found by its last commit.
    this.#sweep = setInterval(() => void this.#findEnded().catch(() => undefined), SWEEP_MS).unref();
  }

  static async start(installation: Installation, prefix = 'run'): Promise<RunLoad> {
    const reader = await installation.connect('evals');
    const load = new RunLoad(installation, reader, prefix);
    await reader.flush();
    return load;
  }

  /** Runs that have begun and not ended, by run id. */
  get inFlight(): ReadonlySet<string> {
    return new Set(this.#open.keys());
  }

  /** Calls back for every commit. Returns how to stop. */
  onCommit(listener: (commit: HeardCommit) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  begin(wish: TaskWish): StartedRun {
    this.#begun += 1;
    const id = `${this.#prefix}-${this.#begun}`;
    const started = performance.now();
    const ended = new Promise<number>((resolve) => this.#waiting.set(id, () => resolve(performance.now() - started)));
    const event = { specversion: '1.0', id, source: '/bench', type: 'com.example.bench', data: { goal: `Do it ${wish.steps} times.`, run: id, steps: wish.steps, tool: wish.tool ?? 'count' } };
    void this.#installation.publisher.publish(event);
    return { id, ended };
  }

  /** One run from beginning to end; milliseconds. */
  one(wish: TaskWish): Promise<number> {
    return this.begin(wish).ended;
  }

  /**
   * Keeps so many runs going until the signal, and then lets those in flight end. Resolves when they have, with the
   * number of runs that ended.
   */
  async keep(concurrency: number, wish: TaskWish, until: AbortSignal): Promise<number> {
    let ended = 0;
    await Promise.all(Array.from({ length: concurrency }, async () => {
      for (; !until.aborted; ended += 1) await this.one(wish);
    }));
    return ended;
  }

  stop(): void {
    clearInterval(this.#sweep);
    this.#listeners.clear();
  }

  #hear(subject: string, data: Uint8Array): void {
    const place = parseCommitSubject(subject);
    if (place === undefined) return;
    const { route, key: { runId } } = place;
    this.commits += 1;
    if (route.startsWith('call.')) this.steps += 1;
    if (!this.#open.has(runId) && route !== 'end') this.#open.set(runId, taskIdOf(data) ?? '');
    const commit: HeardCommit = { runId, route, at: performance.now() };
    for (const listener of this.#listeners) listener(commit);
    if (route === 'end') this.#end(runId);
  }

  #end(runId: string): void {
    const id = this.#open.get(runId);
    if (id === undefined) return;
    this.ended += 1;
    this.#open.delete(runId);
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }

  async #findEnded(): Promise<void> {
    const { partitions } = this.#installation.stack;
    for (const runId of [...this.#open.keys()].slice(0, 50)) {
      const partition = partitionOf({ tenant: TENANT, runId }, partitions);
      const answer = await this.#reader.request(`$JS.API.DIRECT.GET.${logStream(partition)}`, JSON.stringify({ last_by_subj: `log.${partition}.${TENANT}.${runId}.end` }), { timeout: 1_000 });
      if (answer.headers?.get('Nats-Sequence')) this.#end(runId);
    }
  }
}

/** The first commit of a run names its task; later ones need not be read at all. */
function taskIdOf(data: Uint8Array): string | undefined {
  const { events } = JSON.parse(new TextDecoder().decode(data)) as { events: readonly { readonly type: string; readonly task?: { readonly id: string } }[] };
  return events.find((event) => event.type === 'task-accepted')?.task?.id;
}
