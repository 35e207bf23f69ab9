import { z } from 'zod';
import { oneLine, plainText, type Terminal } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

const token = z.looseObject({ attempt: z.number(), basis: z.number(), text: z.string().default(''), model: z.string().default(''), outcome: z.string().default(''), reason: z.string().default('') });
const told = z.looseObject({
  id: z.string(),
  event: z.looseObject({
    type: z.string(), tool: z.string().optional(), callId: z.string().optional(), status: z.string().optional(), reason: z.string().optional(), answer: z.string().optional(),
    steps: z.array(z.looseObject({ intention: z.string() })).optional(),
    proposal: z.looseObject({ answer: z.string().optional(), requests: z.array(z.looseObject({ tool: z.string() })) }).optional(), outcome: z.looseObject({ status: z.string() }).optional(),
  }),
});

/** What happens in a run, and its model's words as they are said. */
export const addWatchCommand: AddCommands = (program, means) => {
  program.command('watch').description('Prints what happens in a run, and what its model says while it says it, until the run ends. Words may be lost; the events are all there.').argument('<run>').option('--json', 'as JSON, one line for each: { stream, event, data }')
    .action((id: string, { json }: { readonly json?: true }) => watchRun(means, id, { json }));
};

/** Prints a run until it ends, or the signal comes. */
export async function watchRun({ gateway, terminal }: Means, id: string, { json, signal }: { readonly json?: boolean | undefined; readonly signal?: AbortSignal }): Promise<void> {
  const path = `/v1/runs/${encodeURIComponent(id)}`;
  const page = new Page(terminal);
  // One that is refused ends the other, which would keep the command alive.
  const refused = new AbortController();
  const over = signal === undefined ? refused.signal : AbortSignal.any([signal, refused.signal]);
  const line = (stream: string, event: string, data: unknown): void => terminal.out(JSON.stringify({ stream, event, data }));
  await Promise.all([
    each(gateway().events(`${path}/stream`, over), (kind, data) => (json === true ? line('events', kind, data) : page.event(told.parse(data)))),
    each(gateway().events(`${path}/tokens`, over), (kind, data) => (json === true ? line('tokens', kind, data) : page.token(kind, token.parse(data)))),
  ]).finally(() => refused.abort());
}

async function each(events: AsyncIterable<{ readonly event?: string | undefined; readonly data: string }>, handle: (kind: string, data: unknown) => void): Promise<void> {
  for await (const { event = 'message', data } of events) handle(event, JSON.parse(data));
}

/** Events are lines of their own; words go on in one line until an event comes between. */
class Page {
  private isInLine = false;
  /** The step whose words were printed last. */
  private basis = 0;

  constructor(private readonly terminal: Terminal) {}

  event({ id, event: { type, tool, callId, status, outcome, proposal, steps, reason, answer } }: z.infer<typeof told>): void {
    const wanted = proposal === undefined ? undefined : proposal.requests.map((request) => request.tool).join(', ') || (proposal.answer === undefined ? 'plans' : 'answers');
    const planned = steps?.map(({ intention }, at) => `${at + 1}. ${intention}`).join('; ');
    const parts = [type, tool, callId, status ?? outcome?.status, wanted, planned, reason, answer].filter((part) => part !== undefined && part !== '').map((part) => oneLine(String(part), 300));
    this.line(`${id.padEnd(7)} ${parts.join('  ')}`);
  }

  token(kind: string, { attempt, basis, text, model, outcome, reason }: z.infer<typeof token>): void {
    if (kind === 'delta') return this.words(basis, text);
    if (kind === 'started' && basis === this.basis) this.line(`        (what was said above is void: ${oneLine(model)} begins again, attempt ${attempt})`);
    if (kind === 'ended' && outcome === 'failed') this.line(`        (no answer: ${oneLine(reason)})`);
  }

  private words(basis: number, text: string): void {
    this.basis = basis;
    const plain = plainText(text);
    if (plain === '') return;
    this.terminal.write(plain);
    this.isInLine = !plain.endsWith('\n');
  }

  private line(text: string): void {
    if (this.isInLine) this.terminal.write('\n');
    this.isInLine = false;
    this.terminal.out(text);
  }
}
