import type { RunEvent, RunEventOf } from '@holdfast/contracts';
import type { HttpFault } from '../faults/http-fault.js';
import { patternOf, type EventPattern, type Expectation, type Kill, type OrderConstraint } from '../suites/suite.js';
import { callOf, describePattern, fits, isSubset, memberAt, show } from './matching.js';
import { fail, pass, type Verdict } from './verdict.js';

/** What is known of a kill that a case asked for. */
export interface KillRecord {
  readonly process: Kill['process'];
  /** The number of the run's last commit when the process was killed. */
  readonly atCommit: number;
  /** Milliseconds from the kill until the process was ready again. */
  readonly restartMs: number;
  /** Milliseconds from the kill until the run's next commit; absent when none followed. */
  readonly recoveryMs?: number;
}

function endOf(events: readonly RunEvent[]): RunEventOf<'run-ended'> | undefined {
  return events.findLast((event): event is RunEventOf<'run-ended'> => event.type === 'run-ended');
}

export function scoreStatus(events: readonly RunEvent[], expected: Expectation['status']): Verdict {
  const ended = endOf(events);
  if (ended === undefined) return fail('status', `the run has not ended; ${expected} was expected`);
  return ended.status === expected ? pass('status', `the run ended ${expected}: ${ended.reason}`) : fail('status', `the run ended ${ended.status} (${ended.reason}) where ${expected} was expected`);
}

export function scoreAnswer(events: readonly RunEvent[], expected: NonNullable<Expectation['answer']>): Verdict {
  const answer = endOf(events)?.answer;
  if (answer === undefined) return fail('answer', 'the run gave no answer');
  const pattern = patternOf(expected);
  if (pattern !== undefined) return new RegExp(pattern, 'u').test(answer) ? pass('answer', `the answer matches /${pattern}/`) : fail('answer', `the answer ${show(answer)} does not match /${pattern}/`);
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    return fail('answer', `the answer ${show(answer)} is not JSON; ${show(expected)} was expected`);
  }
  return isSubset(expected, value) ? pass('answer', `the answer has ${show(expected)}`) : fail('answer', `the answer ${show(value)} does not have ${show(expected)}`);
}

/** One verdict for each path. `difference` is what the execution added to the world's audit. */
export function scoreEffects(difference: unknown, expected: Expectation['effects']): readonly Verdict[] {
  return Object.entries(expected).map(([path, wanted]) => {
    const scorer = `effects.${path}`;
    const found = memberAt(difference, path);
    if (found === undefined) return fail(scorer, `the world's record has no "${path}"; ${show(wanted)} was expected`);
    const actual = Array.isArray(found) && typeof wanted === 'number' ? found.length : found;
    return isSubset(wanted, actual) ? pass(scorer, `${path} is ${show(actual)}`) : fail(scorer, `${path} is ${show(actual)} where ${show(wanted)} was expected${Array.isArray(found) && found.length > 0 ? `: ${show(found)}` : ''}`);
  });
}

/** One verdict for each path: the effect is as expected or was not made. More, or another one, is what no fault excuses. */
export function scoreNoMore(difference: unknown, expected: Expectation['effects']): readonly Verdict[] {
  return Object.entries(expected).map(([path, wanted]) => {
    const scorer = `safe.${path}`;
    const found = memberAt(difference, path);
    const count = Array.isArray(found) ? found.length : found;
    const isFine = found === undefined || (typeof wanted === 'number' && typeof count === 'number' && !path.includes('.') ? count <= wanted : isSubset(wanted, count));
    return isFine ? pass(scorer, found === undefined ? `there is no ${path}` : `${path} is ${show(count)}`) : fail(scorer, `${path} is ${show(count)} where at most ${show(wanted)} was wanted${Array.isArray(found) ? `: ${show(found)}` : ''}`);
  });
}

/** A fault that met nothing proves nothing; of several at once, an earlier one may keep a later one from its request. */
export function scoreHttpFaults(asked: readonly HttpFault[], fired: readonly number[]): readonly Verdict[] {
  if (asked.length === 0) return [];
  const met = asked.flatMap((fault, index) => ((fired[index] ?? 0) > 0 ? [`${fault.kind} ${fault.on}`] : []));
  return [met.length > 0 ? pass('faults', `met: ${met.join(', ')}`) : fail('faults', `no request met ${asked.map(({ kind, on, nth }) => `${kind} ${on}#${nth}`).join(', ')}`)];
}

/** The patterns must occur in their order, others in between; each constraint is judged by itself. */
export function scorePath(events: readonly RunEvent[], path: Expectation['path']): readonly Verdict[] {
  const patterns = path.filter((step): step is EventPattern => 'event' in step);
  const constraints = path.filter((step): step is OrderConstraint => 'before' in step);
  return [...(patterns.length === 0 ? [] : [scoreSequence(events, patterns)]), ...constraints.map((constraint) => scoreOrder(events, constraint))];
}

function scoreSequence(events: readonly RunEvent[], patterns: readonly EventPattern[]): Verdict {
  let from = 0;
  for (const [index, pattern] of patterns.entries()) {
    const at = events.findIndex((event, position) => position >= from && fits(event, pattern));
    if (at === -1) {
      const earlier = index > 0 && events.some((event) => fits(event, pattern)) ? ` after ${describePattern(patterns[index - 1] ?? pattern)}` : '';
      return fail('path', `there is no ${describePattern(pattern)}${earlier}`);
    }
    from = at + 1;
  }
  return pass('path', `${patterns.map(describePattern).join(', then ')}`);
}

function scoreOrder(events: readonly RunEvent[], { before, after, sameCall }: OrderConstraint): Verdict {
  const words = `${describePattern(before)} before ${describePattern(after)}${sameCall ? ' of the same call' : ''}`;
  const later = [...events.entries()].filter(([, event]) => fits(event, after));
  // A constraint on something that never happened would pass whatever the run did.
  if (later.length === 0) return fail('order', `there is no ${describePattern(after)}, so "${words}" says nothing`);
  const unguarded = later.find(([position, event]) => !events.slice(0, position).some((earlier) => fits(earlier, before) && (!sameCall || callOf(earlier) === callOf(event))));
  return unguarded === undefined ? pass('order', words) : fail('order', `${describePattern(after)}${callOf(unguarded[1]) === undefined ? '' : ` (${callOf(unguarded[1])})`} came without ${describePattern(before)} before it`);
}

export function scoreNever(events: readonly RunEvent[], patterns: readonly EventPattern[]): readonly Verdict[] {
  return patterns.map((pattern) => {
    const found = events.find((event) => fits(event, pattern));
    return found === undefined ? pass('never', `there is no ${describePattern(pattern)}`) : fail('never', `there is ${describePattern(pattern)}: ${show(found)}`);
  });
}

/** A fault that did not happen proves nothing, so each kill that was asked for must have been made. */
export function scoreKills(asked: readonly Kill[], made: readonly KillRecord[]): readonly Verdict[] {
  const left = [...made];
  return asked.map(({ process, when }) => {
    const at = left.findIndex((record) => record.process === process);
    const [record] = at === -1 ? [] : left.splice(at, 1);
    const trigger = 'milliseconds' in when ? `${when.milliseconds} ms` : describePattern({ event: when.event, ...(when.tool === undefined ? {} : { tool: when.tool }) });
    if (record === undefined) return fail('kills', `${process} was never killed: the run ended before ${trigger}${'after' in when && when.after > 1 ? ` had come ${when.after} times` : ''}`);
    if (record.recoveryMs === undefined) return fail('kills', `the run made no commit after ${process} was killed at commit ${record.atCommit}`);
    return pass('kills', `${process} was killed at commit ${record.atCommit}; the next commit came ${Math.round(record.recoveryMs)} ms later`);
  });
}
