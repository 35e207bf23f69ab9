import { describe, expect, it } from '@jest/globals';
import { reasonerMessage } from '@holdfast/contracts';
import type { Input } from '@holdfast/run';
import { Conversation } from '../context/conversation.js';
import { History, failed, plan, signal, succeeded, task, tool } from '../context/history.fixture.js';
import { reasonerMessages } from './messages.js';

const read = { trust: 'third-party', secrecy: 'internal' } as const;
const shown = async (...inputs: readonly Input[]) => reasonerMessages(Conversation.of(await (await History.of(...inputs)).commits()).shown, read);

describe('a conversation as a reasoner is shown it', () => {
  it('says of each part what it is worth: of the task by field, of results as the log has it, of what the model wrote that it may repeat anything', async () => {
    const messages = await shown(task, plan(1, [['lookup', 'allow'], ['pay', 'deny']], 'Looking.'), tool('c1-1', succeeded({ account: 'X' })), signal('hurry', { now: true }));

    expect(messages).toMatchObject([
      { role: 'user', text: expect.stringContaining('Pay invoice 7.'), label: { trust: 'third-party', secrecy: 'internal' }, fields: { goal: { trust: 'user' }, input: { trust: 'third-party' } } },
      { role: 'assistant', text: 'Looking.', calls: [{ id: 'r1-1', tool: 'lookup', arguments: { invoice: 7 } }, { id: 'r1-2', tool: 'pay' }], label: { trust: 'third-party', secrecy: 'internal', source: 'model' } },
      { role: 'tool', results: [
        { id: 'r1-1', status: 'succeeded', value: { account: 'X' }, label: { trust: 'organisation', secrecy: 'internal', source: 'tool' } },
        { id: 'r1-2', status: 'refused', value: 'Policy says deny.', label: { trust: 'third-party', source: 'policy' } },
      ] },
      { role: 'user', text: expect.stringContaining('hurry'), label: { trust: expect.any(String), secrecy: expect.any(String) } },
    ]);
    for (const message of messages) expect(reasonerMessage.safeParse(message)).toMatchObject({ success: true });
  });

  it('says of a failure what its text is worth', async () => {
    const [, , results] = await shown(task, plan(1, [['lookup', 'allow']]), tool('c1-1', failed));
    expect(results).toMatchObject({ role: 'tool', results: [{ status: 'failed', value: { code: 'tool.down' }, label: { trust: 'organisation', secrecy: 'internal' } }] });
  });
});
