import { runIdOf } from '../intake/run-id.js';
import type { Row } from '../matrix/row.fixture.js';
import { accepted, append } from '../runs/run.fixture.js';

const task = (id: string) => ({ type: 'invoice.received', goal: 'Pay.', id, source: '/matrix' });

export const taskRows: Readonly<Record<string, Row>> = {
  startTask: {
    ask: (world) => ({ body: task(world.name()) }), elsewhere: 'own', again: 'same',
    conflict: {
      ask: async (world) => {
        const id = world.name();
        await world.run(async (run, log) => void (await append(log, run, 'plan', [accepted({ ...task(id), goal: 'Something else.' })])), runIdOf('acme', '/matrix', id));
        return { body: task(id) };
      },
      code: 'task.id-taken',
    },
    malformed: [
      { what: 'a goal among the input', ask: { body: { ...task('x'), input: { goal: 'y' } } }, code: 'request.invalid' },
      { what: 'a type that no agent takes', ask: { body: { ...task('x'), type: 'nobody.takes.this' } }, code: 'task.type-unknown' },
      { what: 'an input of 300,000 letters', ask: { body: { ...task('x'), input: { text: 'y'.repeat(300_000) } } }, code: 'task.too-large' },
      { what: 'depths', ask: { body: { ...task('x'), input: { deep: JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) as unknown } } }, code: 'request.malformed' },
    ],
  },
};
