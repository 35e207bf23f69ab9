import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adversarialText, soughtIn } from './adversarial-text.fixture.js';
import { ReadValue, SoughtValue } from './read-value.js';
import { ReadValues, type Acceptance } from './read-values.js';
import { NO_ECHO } from './written-texts.js';

const readOf = (value: string | number): ReadValue => new ReadValue(value, 'third-party', 'page', NO_ECHO, 'internal');

interface Answers {
  readonly equal: readonly ReadValue[];
  readonly firstEqual: ReadValue | undefined;
  readonly firstStating: ReadValue | undefined;
  readonly firstConcealing: ReadValue | undefined;
  readonly firstHolding: ReadValue | undefined;
}

/** What the index has to find: the same questions, put to each value in turn. */
function scan(values: readonly ReadValue[], sought: SoughtValue, accepts: Acceptance): Answers {
  const isEqual = ({ key }: ReadValue): boolean => key !== undefined && key === sought.key;
  return {
    equal: values.filter(isEqual),
    firstEqual: values.find((read) => isEqual(read) && accepts(read)),
    firstStating: values.find((read) => read.states(sought) && accepts(read)),
    firstConcealing: values.find((read) => read.conceals(sought) && accepts(read)),
    firstHolding: values.find((read) => read.states(sought) || read.conceals(sought)),
  };
}

function ask(index: ReadValues, sought: SoughtValue, accepts: Acceptance): Answers {
  return {
    equal: index.equal(sought), firstEqual: index.firstEqual(sought, accepts), firstStating: index.firstStating(sought, accepts),
    firstConcealing: index.firstConcealing(sought, accepts), firstHolding: index.firstHolding(sought),
  };
}

/** The places at which the answers are, which tell more when they differ than the values would. */
function placesOf(values: readonly ReadValue[], answers: Answers) {
  return Object.fromEntries(Object.entries(answers).map(([question, found]) => [question, [found].flat().map((read) => values.indexOf(read as ReadValue))]));
}

describe('the index of what a run has read', () => {
  it('finds what looking at each value finds, whatever outsiders write, however the planner writes it, while more is read', () => {
    const read = fc.oneof({ weight: 5, arbitrary: adversarialText }, { weight: 1, arbitrary: fc.oneof(fc.integer(), fc.double()) });
    const run = fc.array(read, { minLength: 1, maxLength: 12 }).chain((texts) => fc.record({
      texts: fc.constant(texts),
      questions: fc.array(fc.record({ value: soughtIn(texts), money: fc.boolean(), after: fc.nat({ max: texts.length }), refused: fc.nat({ max: texts.length }) }), { minLength: 1, maxLength: 12 }),
    }));
    const found = { equal: 0, firstEqual: 0, firstStating: 0, firstConcealing: 0, firstHolding: 0 };
    fc.assert(fc.property(run, ({ texts, questions }) => {
      const [index, values]: [ReadValues, ReadValue[]] = [new ReadValues(), []];
      for (const { value, money, after, refused } of questions.toSorted((a, b) => a.after - b.after)) {
        for (const text of texts.slice(values.length, after)) {
          values.push(readOf(text));
          index.add(values.at(-1) ?? readOf(''));
        }
        const sought = new SoughtValue(value, money);
        const accepts: Acceptance = (one) => one !== values[refused];
        const expected = placesOf(values, scan(values, sought, accepts));
        for (const question of Object.keys(found) as (keyof typeof found)[]) if ((expected[question]?.[0] ?? -1) >= 0) found[question] += 1;
        expect({ value, ...placesOf(values, ask(index, sought, accepts)) }).toEqual({ value, ...expected });
      }
    }), { numRuns: 1_500 });
    // A comparison of nothing with nothing would show nothing.
    for (const [question, times] of Object.entries(found)) expect([question, times > 150]).toEqual([question, true]);
  });

  it('looks at no more of a thousand pages than hold the rarest word of what is sought', () => {
    const index = new ReadValues();
    let looks = 0;
    const counted = (value: string): ReadValue => {
      const read = readOf(value);
      const states = read.states.bind(read);
      const conceals = read.conceals.bind(read);
      return Object.assign(read, { states: (sought: SoughtValue) => { looks += 1; return states(sought); }, conceals: (sought: SoughtValue) => { looks += 1; return conceals(sought); } });
    };
    for (let page = 0; page < 1_000; page += 1) index.add(counted(`The order ${page} was shipped to the harbour, and customs ask for invoice inv-${page}.`));

    expect(index.firstStating(new SoughtValue('invoice INV-9999', false), () => true)).toBeUndefined();
    expect(index.firstHolding(new SoughtValue('PT50000201231234567890154', false))).toBeUndefined();
    expect(looks).toBe(0);
    expect(index.firstStating(new SoughtValue('invoice inv-777', false), () => true)?.value).toContain('inv-777');
    expect(looks).toBeLessThan(5);
  });
});
