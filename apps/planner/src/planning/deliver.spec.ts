import { describe, expect, it } from '@jest/globals';
import { HoldfastError, type FactAnswer, type FactOf, type Proposal } from '@holdfast/contracts';
import { createLogger } from '@holdfast/observability';
import { key, plan } from '../context/history.fixture.js';
import { deliver, type DeliveryMeans } from './deliver.js';

const { proposal } = plan(1, [['pay', 'allow']]).fact as FactOf<'plan'>;
const place = { partition: 0, key };
const committed: FactAnswer = { status: 'committed', number: 2 };
const away: FactAnswer = { status: 'unavailable', reason: 'away' };
const unknown = new HoldfastError({ code: 'answer.unrecorded', message: 'Nobody knows.', retryable: true, remedy: 'Try again.' });

/** An orchestrator that answers as it is told, and a record that fails as it is told. */
function means(answers: (() => FactAnswer | Promise<FactAnswer>)[], failures: readonly Error[] = []) {
  const recorded: Proposal[] = [];
  let tries = 0;
  const made: DeliveryMeans = {
    bus: { request: (async () => (answers.shift() ?? (() => committed))()) as never },
    answers: {
      record: async (_, answer) => {
        const failure = failures[tries++];
        if (failure !== undefined) throw failure;
        recorded.push(answer);
      },
    },
    runs: { take: () => undefined },
    logger: createLogger({ service: 'planner', level: 'silent' }),
  };
  return { made, recorded, tries: () => tries };
}

const never = new AbortController().signal;

describe('an answer', () => {
  it('that is confirmed at once is not recorded', async () => {
    const { made, tries } = means([() => committed]);
    expect(await deliver(made, place, proposal, never)).toBe('done');
    expect(tries()).toBe(0);
  });

  it('is recorded once as soon as nobody takes it', async () => {
    const { made, recorded } = means([() => away, () => away, () => committed]);
    expect(await deliver(made, place, proposal, never)).toBe('done');
    expect(recorded).toEqual([proposal]);
  });

  it('is recorded while the orchestrator keeps silent', async () => {
    const silent = Promise.withResolvers<FactAnswer>();
    const { made, recorded } = means([() => silent.promise]);
    const delivering = deliver(made, place, proposal, never);
    while (recorded.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    silent.resolve(committed);
    expect(await delivering).toBe('done');
    expect(recorded).toEqual([proposal]);
  });

  it('is recorded before a planner that is told to stop gives its work back', async () => {
    const stopping = new AbortController();
    const { made, recorded } = means([() => {
      stopping.abort();
      return away;
    }]);
    expect(await deliver(made, place, proposal, stopping.signal)).toEqual({ againAfterMs: 0 });
    expect(recorded).toEqual([proposal]);
  });

  it('is recorded again when the broker did not say that it was, and not when it never will be', async () => {
    const passing = means([() => away, () => away, () => away, () => committed], [unknown, unknown]);
    await deliver(passing.made, place, proposal, never);
    expect([passing.tries(), passing.recorded.length]).toEqual([3, 1]);

    const lasting = means([() => away, () => away, () => away, () => committed], [new HoldfastError({ code: 'bus.rejected', message: 'Too large.', retryable: false, remedy: 'Send less.' })]);
    await deliver(lasting.made, place, proposal, never);
    expect(lasting.tries()).toBe(1);
  });

  it('that is too large for a message is recorded as it is sent', async () => {
    const tooLarge = new HoldfastError({ code: 'bus.rejected', message: 'max_payload size exceeded', retryable: false, remedy: 'Send less.' });
    const { made, recorded } = means([() => Promise.reject(tooLarge), () => committed]);
    expect(await deliver(made, place, proposal, never)).toBe('done');
    expect(recorded).toMatchObject([{ requests: [{ tool: 'unreadable_call' }] }]);
  });
});
