import { BUDGETS_STREAM, EFFECTS_STREAM } from '@holdfast/contracts';
import { Broker } from './broker/broker.ts';
import { Network } from './broker/network.ts';
import { judgeEnding, type Ending } from './invariants/at-the-end.ts';
import type { Violation } from './invariants/violation.ts';
import { Witness } from './invariants/witness.ts';
import { People, goalOf } from './people/people.ts';
import { Fleet } from './pods/fleet.ts';
import { startAll } from './pods/services.ts';
import { TwinBus, type TwinBusMeans } from './pods/twin-bus.ts';
import { FaultPlan } from './schedule/fault-plan.ts';
import type { FaultKind, Schedule } from './schedule/schedule.ts';
import { chanceOf } from './time/chance.ts';
import { BEGINNING, Timeline, processOf } from './time/timeline.ts';
import { Trace } from './time/trace.ts';
import { installVirtualGlobals } from './time/virtual-globals.ts';
import type { Weakness } from './weaknesses.ts';
import { ADAPTER } from './world/catalogue.ts';
import { alterWith } from './world/forgery.ts';
import { ScriptedModel } from './world/model.ts';
import { Quarantines } from './world/quarantines.ts';
import { SystemOfRecord } from './world/system-of-record.ts';
import { actOn } from './world/tools.ts';

export interface SimulationOptions {
  readonly weakness?: Weakness | undefined;
  /** Keeps the trace's lines, for whoever wants to read what happened. */
  readonly keepLines?: boolean;
}

export interface Simulated {
  /** Over the ordered log of everything that happened. */
  readonly digest: string;
  readonly violations: readonly Violation[];
  readonly lines: readonly string[];
  /** How often each kind of fault really happened. */
  readonly faults: Partial<Record<FaultKind, number>>;
  readonly messages: number;
  readonly commits: number;
  /** Virtual milliseconds until everything had settled. */
  readonly elapsedMs: number;
}

/** Until then things go wrong; afterwards everybody is up and every run has to end within {@link LIVENESS_MS}. */
const SAFETY_MS = 12_000;
const LIVENESS_MS = 150_000;
const LOOK_EVERY_MS = 250;
/** So long after the last run has ended, nothing may happen any more: longer than the latest message is late. */
const AFTERMATH_MS = 10_000;

/** Runs one schedule in virtual time: first with its faults, then without, until every run has ended. */
export async function simulate(schedule: Schedule, { weakness, keepLines = false }: SimulationOptions = {}): Promise<Simulated> {
  const isForgetful = (stream: string): boolean => (weakness === 'ledger' && stream === EFFECTS_STREAM) || (weakness === 'budget' && stream === BUDGETS_STREAM);
  const { seed, partitions } = schedule;
  const outside = processOf('people');
  const timeline = new Timeline(outside);
  const trace = new Trace(timeline, keepLines);
  const faults = new FaultPlan(schedule.faults);
  const witness = new Witness(timeline);
  const network = new Network({ timeline, trace, faults, chance: chanceOf(seed, 'network') });
  const broker = new Broker({
    timeline, partitions, faults, chance: chanceOf(seed, 'broker'), adapters: [ADAPTER],
    weakness: { unsynced: weakness === 'durability', unfenced: (stream) => (weakness === 'fence' && stream.startsWith('LOG-')) || isForgetful(stream), unread: isForgetful },
  });
  const world = new SystemOfRecord({ timeline, trace, faults, chance: chanceOf(seed, 'world'), onEffect: (effect) => witness.seeEffect(effect) });
  const means: TwinBusMeans = {
    broker, network, timeline, faults,
    onUnexpected: (error, place) => witness.seeUnexpected(error, place),
    onAnswered: (key, id) => void witness.answered.push({ key, id }),
    alter: alterWith(faults, weakness, (commit) => void witness.forged.add(commit.runId)),
  };
  const quarantines = new Quarantines(timeline);
  const people = new People({ timeline, process: outside, partitions, world, quarantines, chance: chanceOf(seed, 'people'), bus: new TwinBus(outside, 'gateway', means) });
  const fleet = new Fleet({ ...means, trace, onScandal: (description) => witness.accuse('no service is missing anything', description) });
  network.befall = (mishap, process) => {
    if (mishap.kind === 'crash') fleet.crash(process, mishap.ms);
    else if (mishap.kind === 'pause') fleet.pause(process, mishap.ms);
    else if (mishap.kind === 'quarantine') quarantines.begin(mishap.ms);
    else if (mishap.kind === 'policy-down') for (const life of fleet.ofRole('policy')) fleet.crash(life.process, mishap.ms);
    else {
      broker.losePower(mishap.forgets);
      timeline.after(mishap.ms, broker.process, () => broker.restore());
    }
  };
  broker.onStored = (stream, stored) => {
    trace.note('broker', 'stores', `${stored.subject} ${stored.sequence} ${stored.data.byteLength}`);
    witness.see(stream, stored);
  };
  witness.onCommit = (commit) => people.notice(commit, schedule.answering);

  const restore = installVirtualGlobals(timeline, chanceOf(seed, 'globals'));
  try {
    actOn(world);
    const plans = new Map(schedule.runs.map((plan, index) => [goalOf(index), plan]));
    const model = new ScriptedModel(plans, faults, chanceOf(seed, 'model'));
    startAll({ partitions, model, throughSdk: schedule.throughSdk, leases: schedule.leases, permitsAreChecked: weakness !== 'permit', quarantines, witness: witness.watch }, fleet, schedule);
    timeline.after(1, outside, () => people.begin(schedule));
    direct();
    await timeline.run().catch((error: unknown) => witness.accuse('every schedule comes to an end', String(error)));
  } finally {
    restore();
  }
  for (const { history } of witness.runs.values()) trace.note('log', 'ends with', history.at(-1)?.commit.hash ?? '');
  return {
    digest: trace.digest, violations: witness.violations, lines: trace.lines, faults: faults.happened, messages: faults.messages,
    commits: [...witness.runs.values()].reduce((sum, run) => sum + run.history.length, 0), elapsedMs: timeline.now - BEGINNING,
  };

  /** Looks now and then how far things are, and decides what comes next. */
  function direct(): void {
    const director = processOf('director');
    let healed = false;
    let settledAt: number | undefined;
    const quiet = Math.max(0, ...schedule.interventions.map(({ atMs }) => atMs + 250), ...schedule.runs.map(({ atMs }) => atMs + 100));
    const look = timeline.after(LOOK_EVERY_MS, director, () => {
      const elapsed = timeline.now - BEGINNING;
      const settled = elapsed > quiet && isSettled();
      settledAt = settled ? settledAt ?? timeline.now : undefined;
      if (!healed && (elapsed >= SAFETY_MS || settled)) {
        healed = true;
        faults.stop();
        broker.restore();
        fleet.heal();
      }
      const late = elapsed > SAFETY_MS + LIVENESS_MS;
      if (late || (settledAt !== undefined && timeline.now - settledAt >= AFTERMATH_MS)) {
        look.cancelled = true;
        void end();
      }
    }, LOOK_EVERY_MS);
  }

  function isSettled(): boolean {
    return people.toldOfTask.size === schedule.runs.length && witness.runs.size >= schedule.runs.length && [...witness.runs.values()].every((run) => run.state.phase === 'ended')
      && fleet.isWhole && broker.owing.length === 0;
  }

  /** Asks every orchestrator what it holds of every run, and then judges. */
  async function end(): Promise<void> {
    const keys = [...witness.runs.values()].map((run) => run.key);
    const live: Ending['live'][number][] = [];
    const asked = fleet.ofRole('orchestrator').flatMap((life) => keys.map((key) => new Promise<void>((resolve) => {
      timeline.after(0, life.process, () => void life.stateOf?.(key).then((state) => void live.push({ holder: life.process.name, runId: key.runId, state }), () => undefined).finally(resolve));
    })));
    await Promise.all(asked);
    judgeEnding({ witness, broker, people, effects: world.effects, partitions, runs: schedule.runs.length, live });
    timeline.stop();
  }
}

