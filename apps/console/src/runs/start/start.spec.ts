import { describe, expect, it } from '@jest/globals';
import { takersOf } from './takers.js';
import { taskInputOf } from './task-input.js';

describe('who takes a type of task', () => {
  const version = (digest: string, percent: number, ...taskTypes: string[]) => ({ agent: 'payables', digest, percent, taskTypes });

  it('is told for each type, with the versions that get new tasks alone', () => {
    const [ninety, ten, none] = [version('a', 90, 'invoice', 'letter'), version('b', 10, 'invoice'), version('c', 0, 'invoice', 'refund')];

    expect(takersOf([ninety, ten, none])).toEqual([{ type: 'invoice', versions: [ninety, ten] }, { type: 'letter', versions: [ninety] }]);
  });

  it('is nobody, where nothing is routed', () => expect(takersOf([version('a', 0, 'invoice')])).toEqual([]));
});

describe('further data of a task', () => {
  it.each([['', {}], [' \n', {}], ['{"invoice":"4711"}', { input: { invoice: '4711' } }]])('typed as %j is %j', (text, input) => expect(taskInputOf(text)).toEqual(input));

  it.each(['[1]', 'null', '4711', '"x"', '{"invoice":', '{"goal":"another"}'])('typed as %j is refused before it is sent', (text) => expect(taskInputOf(text)).toHaveProperty('fault'));
});
