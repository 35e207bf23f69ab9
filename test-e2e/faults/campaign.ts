import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { locateBroker, superviseProcess } from '@holdfast/deploy';
import { faultNamed } from './faults/all.ts';
import type { Fault } from './faults/fault.ts';
import { summarise } from './recovery.ts';
import type { RoundResult, RoundSpecification } from './round.ts';

export interface CampaignPlan {
  readonly faults: readonly Fault[];
  readonly seed: number;
  readonly rounds: number;
  /** No round begins that would probably not be over by then. */
  readonly seconds?: number | undefined;
  readonly instances?: number | undefined;
}

/** A round as it came out: judged, or not playable at all. */
export interface PlayedRound {
  readonly specification: RoundSpecification;
  readonly result?: RoundResult | undefined;
  /** Why it could not be played, where it could not. */
  readonly problem?: string | undefined;
  readonly directory: string;
  readonly seconds: number;
}

const LOAD_SECONDS = 5;
const PATIENCE_SECONDS = 45;
/** A round that takes longer hangs, and that is a broken promise too. */
const ROUND_SECONDS = 120;
const FIRST_GUESS_SECONDS = 20;

/** Plays rounds one after another, each in a process of its own, and cleans up behind them. */
export class Campaign {
  readonly #folder: string;
  /** Ends the round that is being played. */
  #end: (() => Promise<void>) | undefined;
  #interrupted: NodeJS.Signals | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        this.#interrupted = signal;
        void this.#end?.();
      });
    }
  }

  static async begin(): Promise<Campaign> {
    // A round in a network of its own could not fetch the broker.
    await locateBroker();
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-chaos-'));
    await chmod(folder, 0o711);
    return new Campaign(folder);
  }

  async play(plan: CampaignPlan): Promise<number> {
    const started = performance.now();
    const elapsed = (): number => (performance.now() - started) / 1_000;
    const played: PlayedRound[] = [];
    for (let index = 0; index < plan.rounds && this.#interrupted === undefined; index += 1) {
      const longest = Math.max(FIRST_GUESS_SECONDS, ...played.map(({ seconds }) => seconds));
      if (plan.seconds !== undefined && index > 0 && elapsed() + longest > plan.seconds) break;
      const seed = plan.seed + index;
      // By its seed alone a round is the same fault with as many processes, wherever it stands among others.
      const fault = plan.faults[seed % plan.faults.length] as Fault;
      const instances = plan.instances ?? 1 + (Math.floor(seed / plan.faults.length + seed) % 2);
      const round = await this.playOne({ fault: fault.name, seed, instances, loadSeconds: LOAD_SECONDS, patienceSeconds: PATIENCE_SECONDS, durability: 'power' });
      if (this.#interrupted !== undefined) break;
      played.push(round);
      console.log(describe(round));
    }
    const broken = played.flatMap(brokenIn);
    console.table(summarise(played.flatMap(({ result }) => result?.recoveries ?? [])));
    console.log(JSON.stringify(summaryOf(played, broken, elapsed())));
    if (broken.length === 0) this.clean();
    if (this.#interrupted !== undefined) return 130;
    return broken.length === 0 ? 0 : 1;
  }

  /** Plays one round; its directory is removed unless something was wrong with it. */
  async playOne(specification: RoundSpecification): Promise<PlayedRound> {
    const directory = join(this.#folder, `${specification.fault}-${specification.seed}${specification.mutation === undefined ? '' : `-${specification.mutation}`}`);
    mkdirSync(directory, { recursive: true });
    const resultFile = join(directory, 'result.json');
    const node = ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('round-process.ts', import.meta.url)), JSON.stringify(specification), resultFile];
    const [command, ...args] = [...isolating(faultNamed(specification.fault)), process.execPath, ...node];
    const started = performance.now();
    await this.#untilEnded(command as string, args, directory);
    const result = readResult(resultFile);
    const problem = result === undefined ? firstLine(join(directory, 'harness.log')) : undefined;
    const round: PlayedRound = { specification, result, problem, directory, seconds: (performance.now() - started) / 1_000 };
    if (brokenIn(round).length === 0 || this.#interrupted !== undefined) remove(directory);
    return round;
  }

  clean(): void {
    remove(this.#folder);
  }

  get interrupted(): boolean {
    return this.#interrupted !== undefined;
  }

  async #untilEnded(command: string, args: readonly string[], directory: string): Promise<void> {
    let limit: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      const round = superviseProcess({
        name: 'round', command, args, logFile: join(directory, 'harness.log'),
        // The round's own directory lies here, where no other round takes it for the leftovers of a dead one.
        // A broker that somebody else uses is no place for faults.
        env: { ...process.env, NATS_URL: '', TMPDIR: directory, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
        onUnexpectedExit: () => resolve(),
      });
      this.#end = () => round.kill().then(resolve);
      limit = setTimeout(() => void this.#end?.(), ROUND_SECONDS * 1_000);
      round.start().catch(reject);
    }).finally(() => clearTimeout(limit));
    this.#end = undefined;
  }
}

/** What a command begins with that has namespaces of its own. */
function isolating({ isolated }: Fault): readonly string[] {
  if (isolated === undefined) return [];
  return isolated === 'mounts' ? ['unshare', '--mount', '--propagation', 'private', '--'] : ['unshare', '--net', '--'];
}

function readResult(file: string): RoundResult | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RoundResult;
  } catch {
    return undefined;
  }
}

/** Processes that were killed a moment ago may still write. */
function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function firstLine(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n').find((line) => line.trim() !== '');
  } catch {
    return undefined;
  }
}

/** The broken promises of a round; one that could not be played has broken the harness's own. */
export function brokenIn({ result, problem, specification }: PlayedRound): readonly string[] {
  if (result === undefined) return [`${specification.fault}: the round could not be played to its end: ${problem ?? 'nobody said why'}`];
  return result.promises.filter(({ broken }) => broken.length > 0).map(({ promise, broken }) => `${specification.fault}: ${promise}: ${broken.length} times not, first: ${broken[0]}`);
}

function describe(round: PlayedRound): string {
  const { specification, result, seconds, directory } = round;
  const broken = brokenIn(round);
  const head = `${broken.length === 0 ? 'kept  ' : 'BROKEN'} ${specification.fault.padEnd(22)} seed ${specification.seed}, ${specification.instances === 1 ? 'one process each' : `${specification.instances} processes each`}, ${seconds.toFixed(1)} s`;
  const figures = result === undefined ? '' : `: ${result.acknowledged} acknowledged, ${result.effects} effects, ${result.kills} kills`;
  if (broken.length === 0) return head + figures;
  return [
    head + figures,
    ...broken.map((line) => `         ${line}`),
    `         again: npm run chaos -- --rounds 1 --seed ${specification.seed} --faults ${specification.fault} --instances ${specification.instances}`,
    `         files: ${directory}`,
  ].join('\n');
}

function summaryOf(played: readonly PlayedRound[], brokenPromises: readonly string[], seconds: number): Readonly<Record<string, unknown>> {
  const total = (of: (result: RoundResult) => number): number => played.reduce((sum, { result }) => sum + (result === undefined ? 0 : of(result)), 0);
  return {
    rounds: played.length, kills: total(({ kills }) => kills), acknowledged: total(({ acknowledged }) => acknowledged), lost: total(({ lost }) => lost),
    effects: total(({ effects }) => effects), duplicates: total(({ duplicates }) => duplicates), commits: total(({ commits }) => commits),
    recovery: summarise(played.flatMap(({ result }) => result?.recoveries ?? [])), brokenPromises: brokenPromises.length, broken: brokenPromises, seconds: Math.round(seconds),
  };
}
