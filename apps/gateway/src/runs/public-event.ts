import { createHash } from 'node:crypto';
import { z } from 'zod';
import { cause, digest, instant, runEvent, route, shownPassage, type Commit, type Label, type PlanStep, type RunEvent, type ThreadTurn } from '@holdfast/contracts';
import { redactText } from '@holdfast/observability';

/** What stands where something secret was. */
export const SECRET = '[secret]';

/** One event of a run as people and other systems may see it. */
export const publicEvent = z.object({
  id: z.string().describe('`<commit number>.<index>`: the event\'s place in the run, and its SSE id.'),
  commit: z.int(),
  at: instant,
  route,
  cause,
  hash: digest.describe('The hash of the commit.'),
  event: z.looseObject({ type: z.enum(runEvent.options.map((option) => option.shape.type.value)) }).describe('The event without its permit, which is replaced by `permitDigest`, and with secret values replaced.'),
});
export type PublicEvent = z.infer<typeof publicEvent>;

/** Shorter texts occur by chance; replacing them everywhere would garble what is not secret. */
const SHORTEST_SECRET = 6;
const MOST_SECRETS = 1_000;

/** Members that name things rather than carry content; they are never rewritten. */
const STRUCTURAL = new Set(['type', 'callId', 'approvalId', 'timerId', 'tool', 'adapter', 'effect', 'status', 'contractDigest', 'permitDigest', 'promptDigest', 'policyDigest', 'requestId', 'digest', 'hash', 'head', 'previousHash', 'trust', 'secrecy', 'role']);

/** SHA-256 of a permit: enough to say which one it was, worthless to whoever wants to use it. */
export function permitDigest(permit: string): string {
  return createHash('sha256').update(permit).digest('hex');
}

/**
 * One run as outsiders may see it. It has to be fed with the run's commits from the first on, since a value that one
 * event labels secret may be repeated in any later one: in arguments, in what a model wrote, in a policy's excerpt.
 */
export class PublicView {
  private readonly secrets: Set<string>;

  /** `known` are the secrets of earlier commits, where this view goes on for another. */
  constructor(known: readonly string[] = []) {
    this.secrets = new Set(known);
  }

  /** The secrets so far, for the view that goes on after this one. */
  get known(): readonly string[] {
    return [...this.secrets];
  }

  /** The commit's events as they may be shown. */
  events(commit: Commit): readonly PublicEvent[] {
    this.learn(commit);
    return commit.events.map((event, index) => ({
      id: `${commit.number}.${index}`,
      commit: commit.number,
      at: commit.at,
      route: commit.route,
      cause: commit.cause,
      hash: commit.hash,
      event: this.scrub(withoutSecrets(event, commit)) as PublicEvent['event'],
    }));
  }

  /** Remembers what a commit declares secret, for {@link scrub}. */
  learn(commit: Commit): void {
    for (const place of secretPlaces(commit)) this.collect(at(place.value, place.path));
  }

  /** Remembers whatever another view knows to be secret. */
  learnFrom(other: PublicView): void {
    for (const secret of other.secrets) this.secrets.add(secret);
  }

  /** A copy of a JSON value in which known secrets, and whatever has the form of a credential, are replaced. */
  scrub(value: unknown): unknown {
    if (typeof value === 'string') return this.scrubText(value);
    if (typeof value === 'number') return this.secrets.has(String(value)) ? SECRET : value;
    if (Array.isArray(value)) return value.map((item) => this.scrub(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, typeof member === 'string' && STRUCTURAL.has(name) ? member : this.scrub(member)]));
  }

  scrubText(text: string): string {
    let scrubbed = redactText(text);
    for (const secret of this.secrets) scrubbed = scrubbed.replaceAll(secret, SECRET);
    return scrubbed;
  }

  private collect(values: readonly unknown[]): void {
    for (const value of values) {
      if (Array.isArray(value)) this.collect(value);
      else if (typeof value === 'object' && value !== null) this.collect(contentOf(value));
      else if (this.secrets.size < MOST_SECRETS && (typeof value === 'string' || typeof value === 'number') && String(value).length >= SHORTEST_SECRET) this.secrets.add(String(value));
    }
  }
}

/** The values of an object that are content. What a passage of memory is known by, and the words for labels, stay readable everywhere. */
function contentOf(value: object): readonly unknown[] {
  const passage = shownPassage.safeParse(value);
  if (!passage.success) return Object.values(value);
  const { title, text, source, author, documentId } = passage.data;
  return [title, text, source, author, documentId];
}

interface Place {
  readonly value: unknown;
  /** Dotted path, in which `*` stands for every item; empty for the whole value. */
  readonly path: readonly string[];
}

function secretPlaces(commit: Commit): readonly Place[] {
  return commit.events.flatMap((event): readonly Place[] => {
    if (event.type === 'task-accepted' || event.type === 'run-forked') {
      const ofTask = secretPaths(event.labels).map((path) => ({ value: event.task, path }));
      // How the origin's log labels what is taken over from it is not told here, so none of it is shown.
      return event.type === 'task-accepted' ? ofTask : [...ofTask, ...event.undoable.map((one) => ({ value: one.arguments, path: [] }))];
    }
    if (event.type === 'observation-recorded') return secretPathsOf(event.label, event.fields).map((path) => ({ value: event.content, path }));
    if (event.type === 'signal-received' && event.label.secrecy === 'secret') return [{ value: event.payload, path: [] }];
    if (event.type === 'thread-read') return event.turns.flatMap(({ goal, answer }) => [goal, ...(answer === undefined ? [] : [answer])].filter(({ label }) => label.secrecy === 'secret').map(({ text }) => ({ value: text, path: [] })));
    return [];
  });
}

function secretPaths(labels: Readonly<Record<string, Label>>): readonly (readonly string[])[] {
  return Object.entries(labels).filter(([, label]) => label.secrecy === 'secret').map(([path]) => path.split('.'));
}

function secretPathsOf(whole: Label, fields: Readonly<Record<string, Label>>): readonly (readonly string[])[] {
  return whole.secrecy === 'secret' ? [[]] : secretPaths(fields);
}

/** The event with secret places replaced, and without its permit. */
function withoutSecrets(event: RunEvent, commit: Commit): unknown {
  switch (event.type) {
    case 'tool-called': {
      const { permit, ...rest } = event;
      return { ...rest, permitDigest: permitDigest(permit) };
    }
    case 'task-accepted':
      return { ...event, task: secretPaths(event.labels).reduce<unknown>(replaced, event.task) };
    case 'run-forked': {
      const { plan } = event;
      const isKnown = event.read !== undefined && event.read.secrecy !== 'secret';
      return { ...event, task: secretPaths(event.labels).reduce<unknown>(replaced, event.task), ...(plan === undefined || isKnown ? {} : { plan: { ...plan, steps: plan.steps.map(withoutIntention) } }) };
    }
    case 'observation-recorded':
      return { ...event, content: secretPathsOf(event.label, event.fields).reduce<unknown>(replaced, event.content) };
    case 'tool-returned': {
      if (event.outcome.status !== 'succeeded') return event;
      // The result is labelled by the observation that the same commit makes of it.
      const observed = commit.events.find((other) => other.type === 'observation-recorded' && other.callId === event.callId);
      if (observed?.type !== 'observation-recorded') return event;
      return { ...event, outcome: { ...event.outcome, result: secretPathsOf(observed.label, observed.fields).reduce<unknown>(replaced, event.outcome.result) } };
    }
    case 'doubt-resolved':
      // How it is labelled is known only when the adapter has taken it; the observation tells it then.
      return event.result === undefined ? event : { ...event, result: SECRET };
    case 'thread-read':
      return { ...event, turns: event.turns.map(({ goal, answer, ...turn }) => ({ ...turn, goal: shownText(goal), ...(answer === undefined ? {} : { answer: shownText(answer) }) })) };
    case 'plan-adopted':
      return event.label.secrecy === 'secret' ? { ...event, steps: event.steps.map(withoutIntention) } : event;
    case 'context-compacted':
      return event.label.secrecy === 'secret' ? { ...event, summary: SECRET } : event;
    case 'signal-received':
      return event.label.secrecy === 'secret' ? { ...event, payload: SECRET } : event;
    default:
      return event;
  }
}

/** The tools that a step names are no secret. */
function withoutIntention(step: PlanStep): PlanStep {
  return { ...step, intention: SECRET };
}

function shownText({ text, label }: ThreadTurn['goal']): ThreadTurn['goal'] {
  return { text: label.secrecy === 'secret' ? SECRET : text, label };
}

/** The values at a path. */
function at(value: unknown, [first, ...rest]: readonly string[]): readonly unknown[] {
  if (first === undefined) return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (first === '*') return Object.values(value).flatMap((item) => at(item, rest));
  return Object.hasOwn(value, first) ? at((value as Record<string, unknown>)[first], rest) : [];
}

/** A copy of the value with whatever is at the path replaced. */
function replaced(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return SECRET;
  if (Array.isArray(value)) return value.map((item, index) => (first === '*' || first === String(index) ? replaced(item, rest) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, first === '*' || first === name ? replaced(member, rest) : member]));
}
