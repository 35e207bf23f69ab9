import { UNKNOWN_READING, declarations, isAtLeast, leavesOf, mostSecret, nearest, type Label, type Labels, type Path, type RunEvent, type Secrecy, type ThreadTurn, type Trust } from '@holdfast/contracts';
import { asksToDestroy } from './destroying.js';
import { excerptAround, oneLine } from './excerpt.js';
import { fold } from './normalise.js';
import { Counters, type Counted } from './counters.js';
import { PastEffects } from './past-effects.js';
import { ReadRecords, type ResultOf } from './read-records.js';
import { ReadValue, SoughtValue } from './read-value.js';
import { ReadValues } from './read-values.js';
import { hostOf } from './sinks-in-content.js';
import { UserWords, isShort } from './user-words.js';
import { Vouchers } from './vouchers.js';
import { NO_ECHO, WrittenTexts, type Echo } from './written-texts.js';

/** Where a value was found: how far it may be believed, what held it, and the text around it. */
export interface Origin {
  readonly trust: Trust;
  readonly source: string;
  readonly excerpt: string;
}

/** What a value is looked up as. */
export interface Sought {
  /** An amount in minor units, which text may state in major units. */
  readonly money?: boolean;
  /** What the argument calls the thing that the value identifies; absent for values that identify nothing. */
  readonly nouns?: readonly string[];
  /** The argument's name. */
  readonly argument?: string;
}

const outside: Label = { trust: 'third-party', secrecy: 'internal', source: 'task' };
// The edge authenticated the requester, but nobody vouches for the name as a destination.
const requester: Label = { trust: 'organisation', secrecy: 'internal', source: 'task.requester' };
// Colleagues who answer the run's questions; what they write is not the requester's.
const people: Label = { trust: 'organisation', secrecy: 'internal', source: 'person' };
const unknown: Label = { ...UNKNOWN_READING, trust: 'third-party', source: 'unknown' };
/** The root of the paths of what stands in earlier turns of the run's thread. */
const EARLIER = 'thread';
const nowhere: Origin = { trust: 'model', source: 'model', excerpt: '' };

/**
 * Every value that a run has read, with its label: what the origins of arguments are looked up in.
 *
 * Fed with the events of a run in order. What the model wrote is not indexed: a value found nowhere has trust `model`.
 */
export class OriginIndex {
  private readonly read: Readonly<Record<Trust, ReadValues>> = { user: new ReadValues(), endorsed: new ReadValues(), organisation: new ReadValues(), 'third-party': new ReadValues(), model: new ReadValues() };
  private readonly calls = new Map<string, ResultOf & { readonly echo: Echo }>();
  private readonly written = new WrittenTexts();
  private readonly effects = new PastEffects();
  private readonly counters = new Counters();
  private readonly vouchers = new Vouchers();
  private readonly user = new UserWords();
  private readonly records = new ReadRecords();
  private leastTrustedLeaf: ReadValue | undefined;
  private mostSecretLabel: Secrecy = 'public';

  static of(events: Iterable<RunEvent>): OriginIndex {
    const index = new OriginIndex();
    for (const event of events) index.add(event);
    return index;
  }

  /** Takes the next event of the run. */
  add(event: RunEvent): void {
    this.counters.add(event);
    switch (event.type) {
      case 'task-accepted':
      case 'run-forked': {
        const labels = declarations(event.labels);
        const sourceOf = (path: Path): string => `task.${path.join('.')}`;
        for (const field of ['goal', 'input'] as const) this.addDocument(event.task[field], outside, labels, sourceOf, NO_ECHO, [field]);
        this.addDocument(event.task.requester, requester, labels, sourceOf, NO_ECHO, ['requester']);
        return;
      }
      // What was simulated counts as done: the run that goes on with it is judged as if it had been.
      case 'call-simulated':
      case 'tool-called':
        this.calls.set(event.callId, { tool: event.tool, effect: event.effect, arguments: event.arguments, echo: this.written.add(event) });
        this.effects.add(event);
        return;
      case 'tool-returned':
        this.effects.settle(event);
        // The text of a failure is read by the model like any result.
        if (event.outcome.status !== 'succeeded') this.addDocument([event.outcome.failure.message, event.outcome.failure.remedy], event.label ?? unknown, [], () => `failure of ${event.tool}`, this.calls.get(event.callId)?.echo ?? NO_ECHO);
        return;
      case 'approval-answered':
        this.vouchers.answered(event);
        this.addDocument(event.comment, people, [], () => `comment of ${event.by}`, NO_ECHO);
        return;
      case 'approval-requested':
        this.vouchers.asked(event);
        return;
      case 'approval-counted':
      case 'doubt-resolved':
        this.addDocument(event.comment, people, [], () => `comment of ${event.by}`, NO_ECHO);
        return;
      case 'observation-recorded': {
        const source = event.label.source.split('#', 1)[0] ?? event.label.source;
        const fields = declarations(event.fields);
        const call = this.calls.get(event.callId);
        if (call !== undefined) this.records.add(call, event.content, event.label, fields);
        this.addDocument(event.content, event.label, fields, (path) => (path.length === 0 ? source : `${source}#${path.join('.')}`), call?.echo ?? NO_ECHO);
        return;
      }
      case 'thread-read':
        for (const turn of event.turns) this.addTurn(turn);
        return;
      case 'signal-received':
        this.addDocument(event.payload, event.label, [], (path) => [`signal:${event.name}`, ...path].join('.'), NO_ECHO);
        return;
      default:
    }
  }

  /**
   * The most trusted origin of a value.
   *
   * Text vouches for a value only in whole words, and text inside an endorsed record counts as the organisation's, since
   * a record vouches for the values of its fields and not for each word in them. Text from outside is searched in every
   * way we know, since being found there never raises trust: it says whose wish the value is. A short identifier counts as
   * the requester's only where they say it as one.
   */
  originOf(value: string | number, { money = false, nouns, argument = '' }: Sought = {}): Origin {
    const sought = new SoughtValue(value, money);
    const mayBeChance = nouns !== undefined && isShort(sought.folded);
    // A number that names a thing is no amount; how it has to be said is below.
    const isSaid = (typeof value === 'number' && nouns !== undefined) || this.user.say(sought, { argument, nouns: nouns ?? [] });
    const stated = !isSaid || (mayBeChance && !this.user.identify(String(value), nouns)) ? undefined : this.vouched(sought, 'user');
    return stated ?? (mayBeChance ? undefined : this.exact(sought, 'endorsed')) ?? this.vouched(sought, 'organisation') ?? this.vouched(sought, 'endorsed', 'organisation')
      ?? this.outsider(sought) ?? this.hostFromOutside(value) ?? nowhere;
  }

  /** Whether a value identifies a thing that this run created, or the one that the requester named; see {@link ReadRecords}. */
  standingOf(value: string | number, nouns: readonly string[]): 'created' | 'named' | undefined {
    return this.records.standingOf(value, nouns, this.user);
  }

  /** True when the requester's words ask for what a destroying tool does, to the very thing that an argument names. */
  asksToDestroy(tool: string, argument: string, value: string): boolean {
    return this.user.ask((text) => asksToDestroy(text, tool, argument, fold(value)));
  }

  /** The person's word for a value of this tool's argument, where somebody has given it in this run. */
  vouchedFor(tool: string, argument: string, value: string | number): Origin | undefined {
    const by = this.vouchers.of(tool, argument, value);
    return by === undefined ? undefined : { trust: 'endorsed', source: `person:${by}`, excerpt: oneLine(String(value)) };
  }

  /** True when the tool has acted upon all of these values before, in another call. */
  hasActedUpon(tool: string, args: Readonly<Record<string, unknown>>, values: readonly unknown[]): boolean {
    return this.effects.include(tool, args, values);
  }

  /** What the run has done so far, all in all and with one tool. */
  countedFor(tool: string): Counted {
    return this.counters.of(tool);
  }

  /** The most secret label of the records that an identifier is of. */
  secrecyOfRecord(value: string | number): Secrecy {
    return this.records.secrecyOf(value);
  }

  /** Where a text that is written somewhere came from: the requester, when it is wholly theirs, else the join of everything that was read. */
  originOfContent(text: unknown): Origin {
    if (typeof text !== 'string' || !this.user.state(text)) return this.leastTrusted;
    return { trust: 'user', source: 'task', excerpt: oneLine(text) };
  }

  /** The most secret that a text may be: the label of the value that it is, else that of everything that was read. */
  secrecyOf(text: unknown): Secrecy {
    if (typeof text === 'string' && this.user.state(text)) return 'public';
    const sought = typeof text === 'string' || typeof text === 'number' ? new SoughtValue(text, false) : undefined;
    // What the model wrote somewhere and read again is as secret as it was when it was written.
    const same = sought === undefined ? [] : Object.values(this.read).flatMap((values) => values.equal(sought)).filter((read) => !read.repeats(sought));
    return same.length === 0 ? this.mostSecretLabel : same.reduce<Secrecy>((most, { secrecy }) => mostSecret(most, secrecy), 'public');
  }

  /** Something was read that cannot be found any more: it may have been anything. */
  readUnknown(what: string): void {
    this.mostSecretLabel = UNKNOWN_READING.secrecy;
    if (this.leastTrustedLeaf === undefined || isAtLeast(this.leastTrustedLeaf.trust, 'third-party')) this.leastTrustedLeaf = new ReadValue('', 'third-party', what, NO_ECHO, UNKNOWN_READING.secrecy);
  }

  /** The join of everything that was read: the least trusted of it, which text that the model writes may repeat. */
  get leastTrusted(): Origin {
    const leaf = this.leastTrustedLeaf;
    return leaf === undefined ? nowhere : { trust: leaf.trust, source: leaf.source, excerpt: oneLine(String(leaf.value)) };
  }

  /** The most secret label of everything that was read. */
  get secrecy(): Secrecy {
    return this.mostSecretLabel;
  }

  private addTurn({ run: { runId }, requester: by, goal, answer }: ThreadTurn): void {
    const add = (text: string, label: Label): void => this.addDocument(text, label, [], () => label.source, NO_ECHO, [EARLIER]);
    add(by, { ...outside, source: `thread run ${runId} requester` });
    add(goal.text, goal.label);
    if (answer !== undefined) add(answer.text, answer.label);
  }

  private addDocument(content: unknown, whole: Label, fields: Labels, sourceOf: (path: Path) => string, echo: Echo, root: Path = []): void {
    for (const leaf of leavesOf(content, { names: true }, root)) {
      const label = nearest(fields, leaf.path) ?? whole;
      this.mostSecretLabel = mostSecret(this.mostSecretLabel, label.secrecy);
      if (typeof leaf.value !== 'string' && typeof leaf.value !== 'number') continue;
      // A record vouches for its fields' values; a name that it does not fix could be anybody's.
      const trust = leaf.isName && label.trust === 'endorsed' ? 'organisation' : label.trust;
      const read = new ReadValue(leaf.value, trust, sourceOf(leaf.path), echo, label.secrecy);
      this.read[trust].add(read);
      if (leaf.isName) continue;
      if (trust === 'user') this.user.add(leaf.value, root[0] === EARLIER);
      if (this.leastTrustedLeaf === undefined || !isAtLeast(read.trust, this.leastTrustedLeaf.trust)) this.leastTrustedLeaf = read;
    }
  }

  private exact(sought: SoughtValue, trust: Trust): Origin | undefined {
    const found = this.read[trust].firstEqual(sought, (read) => trust === 'endorsed' || !read.repeats(sought));
    return found === undefined ? undefined : originAt(found, trust, sought);
  }

  private vouched(sought: SoughtValue, trust: Trust, as: Trust = trust): Origin | undefined {
    const exact = as === trust ? this.exact(sought, trust) : undefined;
    if (exact !== undefined) return exact;
    const found = this.read[trust].firstStating(sought, (read) => !read.repeats(sought));
    return found === undefined ? undefined : originAt(found, as, sought);
  }

  private outsider(sought: SoughtValue): Origin | undefined {
    const exact = this.exact(sought, 'third-party');
    if (exact !== undefined) return exact;
    const found = this.read['third-party'].firstHolding(sought);
    return found === undefined ? undefined : originAt(found, 'third-party', sought);
  }

  /** An address that the model made up below a host which only outside text names is that outsider's address. */
  private hostFromOutside(value: string | number): Origin | undefined {
    const host = hostOf(String(value));
    if (host === undefined) return undefined;
    const sought = new SoughtValue(host, false);
    const known = (['user', 'endorsed', 'organisation'] as const).some((trust) => this.read[trust].firstConcealing(sought, (read) => !read.repeats(sought)) !== undefined);
    return known ? undefined : this.outsider(sought);
  }
}

function originAt(read: ReadValue, trust: Trust, sought: SoughtValue): Origin {
  return { trust, source: read.source, excerpt: excerptAround(String(read.value), String(sought.value)) };
}
