import { describe, expect, it } from '@jest/globals';
import { generateText, streamText, tool, type ModelMessage } from 'ai';
import { z } from 'zod';
import { readExpectedOutcomes, readInvoiceEvents, readPurchaseOrders, type InvoiceEvent } from '../example-data.js';
import { caseRequestSchema, mailRequestSchema, paymentRequestSchema } from '../company/schemas.js';
import { fakeTools, type FakeTools, type Output } from './fake-tools.fixture.js';
import { createReasoner } from './index.js';

const schemas = {
  get_purchase_order: z.strictObject({ poNumber: z.string() }),
  search_guidelines: z.strictObject({ query: z.string() }),
  pay_invoice: paymentRequestSchema,
  send_dispute: mailRequestSchema,
  escalate_invoice: caseRequestSchema.extend({ reference: z.string() }),
};
type ToolName = keyof typeof schemas;
const allTools = Object.keys(schemas) as ToolName[];
const offer = (names: readonly ToolName[]) => Object.fromEntries(names.map((name) => [name, tool({ description: name, inputSchema: schemas[name] as z.ZodType })]));

const events = readInvoiceEvents();
const expected = readExpectedOutcomes();
const orders = new Map(readPurchaseOrders().map((order) => [order.poNumber, order]));
const eventWith = (outcome: string): InvoiceEvent => events.find(({ id }) => expected[id]?.outcome === outcome) as InvoiceEvent;
const taskMessage = ({ data }: InvoiceEvent): ModelMessage => ({ role: 'user', content: `${data.goal}\n\nThe invoice, read by a scanner:\n${JSON.stringify({ invoice: data.invoice }, null, 1)}` });

interface Course {
  readonly calls: readonly { readonly name: string; readonly id: string; readonly input: Readonly<Record<string, unknown>> }[];
  readonly answer: { readonly decision: string; readonly reason: string };
}

/** The planner's loop: one call of the model a step, with tools that the model cannot execute itself. */
async function run(event: InvoiceEvent, answers: FakeTools, names: readonly ToolName[] = allTools): Promise<Course> {
  const messages: ModelMessage[] = [taskMessage(event)];
  const calls: Course['calls'][number][] = [];
  for (let step = 0; step < 8; step += 1) {
    const result = await generateText({ model: createReasoner(), instructions: 'You process invoices.', messages, tools: offer(names) });
    messages.push(...result.response.messages);
    expect(result.usage.inputTokens).toBeGreaterThan(0);
    expect(result.usage.outputTokens).toBeGreaterThan(0);
    if (result.finishReason === 'stop') return { calls, answer: JSON.parse(result.text) as Course['answer'] };
    expect(result.finishReason).toBe('tool-calls');
    const [call] = result.toolCalls;
    expect(call?.invalid).toBeUndefined();
    const { toolCallId, toolName } = call as { toolCallId: string; toolName: string };
    const input = call?.input as Record<string, unknown>;
    calls.push({ name: toolName, id: toolCallId, input });
    messages.push({ role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output: answers(toolName, input) }] });
  }
  throw new Error('the reasoner did not come to an end in 8 steps');
}

const instead = (toolName: ToolName, output: Output): FakeTools => (name, input) => (name === toolName ? output : fakeTools(4)(name, input));
const namesOf = (course: Course): readonly string[] => course.calls.map(({ name }) => name);

describe('the scripted reasoner through the AI SDK', () => {
  it.each(events.map((event) => [event.id, event] as const))('decides %s as expected, with few passages and with all of them', async (id, event) => {
    for (const passageLimit of [3, 5, 12]) {
      const { calls, answer } = await run(event, fakeTools(passageLimit));
      expect({ id, passageLimit, ...answer }).toMatchObject({ id, passageLimit, decision: expected[id]?.decision });
      expect(calls.filter(({ name }) => name === 'pay_invoice').length + calls.filter(({ name }) => name === 'send_dispute').length).toBeLessThanOrEqual(1);
      const payment = calls.find(({ name }) => name === 'pay_invoice');
      if (expected[id]?.decision === 'paid') expect(payment?.input).toMatchObject({ amountCents: expected[id]?.amountCents, iban: expected[id]?.iban, supplierId: expected[id]?.supplierId });
      const dispute = calls.find(({ name }) => name === 'send_dispute');
      if (dispute !== undefined) expect(dispute.input['to']).toBe(orders.get(event.data.invoice.poNumber)?.supplierEmail);
    }
  });

  it('looks up, searches, pays and answers, one call a step', async () => {
    expect(namesOf(await run(eventWith('paid'), fakeTools(4)))).toEqual(['get_purchase_order', 'search_guidelines', 'pay_invoice']);
  });

  it('believes an injected account, and escalates with the reason when the payment is refused', async () => {
    const event = eventWith('refused-then-escalated');
    const course = await run(event, fakeTools(4));
    expect(namesOf(course)).toEqual(['get_purchase_order', 'search_guidelines', 'pay_invoice', 'escalate_invoice']);
    expect(course.calls[2]?.input['iban']).toBe(expected[event.id]?.injectedIban);
    expect(course.calls[3]?.input['reason']).toContain('not trusted');
    expect(course.answer).toEqual({ decision: 'escalated', reason: course.calls[3]?.input['reason'] });
  });

  it('gives the guideline as the reason of what it does because of it', async () => {
    const blocked = events.find(({ data }) => data.invoice.supplierName === 'Ostrava Castings') as InvoiceEvent;
    expect((await run(blocked, fakeTools(4))).answer.reason).toContain('Ostrava Castings is blocked for payment');
    const freight = events.find(({ id }) => expected[id]?.reason.includes('freight')) as InvoiceEvent;
    expect((await run(freight, fakeTools(4))).answer.reason).toContain('bills freight as a separate line');
  });

  it.each<[string, Output]>([
    ['denied by the SDK', { type: 'execution-denied', reason: 'outside the hours' }],
    ['refused in words', { type: 'text', value: 'The call was refused by policy: outside the hours' }],
    ['refused in an error', { type: 'error-json', value: { code: 'policy.refused', message: 'outside the hours' } }],
    ['failed', { type: 'error-text', value: 'outside the hours' }],
    ['in doubt', { type: 'json', value: { status: 'in-doubt', reason: 'outside the hours' } }],
  ])('escalates once, without trying again, when a payment is %s', async (_, output) => {
    const course = await run(eventWith('paid'), instead('pay_invoice', output));
    expect(namesOf(course)).toEqual(['get_purchase_order', 'search_guidelines', 'pay_invoice', 'escalate_invoice']);
    expect(course.calls[3]?.input['reason']).toContain('outside the hours');
    expect(course.answer.decision).toBe('escalated');
  });

  it('is not irritated by guidelines that speak of refusals', async () => {
    const output: Output = { type: 'json', value: { passages: [{ text: 'A payment to a new account is refused by the payment process.' }] } };
    expect((await run(eventWith('paid'), instead('search_guidelines', output))).answer.decision).toBe('paid');
  });

  it('disputes a difference even when no guideline was found', async () => {
    const output: Output = { type: 'json', value: [] };
    expect((await run(eventWith('disputed'), instead('search_guidelines', output))).answer.decision).toBe('disputed');
  });

  it('escalates when the tool it needs is not offered, and says so when even that is impossible', async () => {
    const withoutPayment = await run(eventWith('paid'), fakeTools(4), allTools.filter((name) => name !== 'pay_invoice'));
    expect(namesOf(withoutPayment).at(-1)).toBe('escalate_invoice');
    const alone = await run(eventWith('paid'), fakeTools(4), ['search_guidelines']);
    expect(alone.calls).toEqual([]);
    expect(alone.answer).toMatchObject({ decision: 'escalated', reason: expect.stringContaining('cannot be looked up') });
  });

  it('gives calls ids that depend on the prompt alone', async () => {
    const [first, again] = [await run(eventWith('paid'), fakeTools(4)), await run(eventWith('paid'), fakeTools(4))];
    expect(again).toEqual(first);
    const everything = (await Promise.all(events.map((event) => run(event, fakeTools(4))))).flatMap(({ calls }) => calls.map(({ id }) => id));
    expect(new Set(everything).size).toBe(everything.length);
  });

  it('streams the same call and the same answer that it generates', async () => {
    const messages = [taskMessage(eventWith('paid'))];
    const generated = await generateText({ model: createReasoner(), messages, tools: offer(allTools) });
    const streamed = streamText({ model: createReasoner(), messages, tools: offer(allTools) });
    expect((await streamed.toolCalls).map(({ toolCallId, input }) => ({ toolCallId, input }))).toEqual(generated.toolCalls.map(({ toolCallId, input }) => ({ toolCallId, input })));
    expect(await streamed.finishReason).toBe('tool-calls');
    const answered = streamText({ model: createReasoner(), messages, tools: {} });
    expect(JSON.parse(await answered.text)).toMatchObject({ decision: 'escalated' });
    expect(await answered.finishReason).toBe('stop');
  });
});
