/** What the provider does when it is asked. Without anything it takes the request and says nothing. */
export interface Reply {
  readonly status?: number;
  readonly retryAfter?: number;
  readonly text?: string;
  /** A call, with arguments as the model writes them: a text that ought to be JSON. */
  readonly call?: { readonly name: string; readonly arguments: string };
  readonly finish?: 'content_filter' | 'length';
  /** The stream ends in the middle, or goes on without a word. */
  readonly instead?: 'ends' | 'hangs';
}

/** An agent whose model behaves so, and what its run comes to. */
export interface Fault {
  /** What its models answer, in order and the last again and again; a second one is its fallback. */
  readonly replies: readonly [readonly Reply[], (readonly Reply[])?];
  readonly status: 'completed' | 'failed';
  /** Of its end. */
  readonly reason?: RegExp;
  readonly answer?: RegExp;
  /** What the log says of the tries of its first decision, where there was more to say than that the first one answered. */
  readonly tries?: readonly string[];
  /** What was refused of its first decision, and why. */
  readonly refused?: readonly [tool: string, why: RegExp];
  /** Why no model answered, as the log says. */
  readonly unanswered?: readonly string[];
  /** How often each model was asked, as the provider counts; left out where that depends on how quick everybody is. */
  readonly asked?: readonly [number, number?];
  readonly deadlineSeconds?: number;
}

const order = (reference: string): Reply => ({ call: { name: 'order', arguments: JSON.stringify({ reference }) } });
const done: Reply = { text: 'All is ordered.' };
const silence: Reply = {};
const nothing: Reply = { text: '' };
const down: Reply = { status: 500 };
const unread = /refused|unreadable_call/;

/** Every agent by its name, which is also the goal of its task. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'is-busy': { replies: [[{ status: 429, retryAfter: 1 }, order('is-busy'), done]], status: 'completed', tries: ['model.rate-limited', 'answered'], asked: [3] },
  'is-busy-for-long': { replies: [[{ status: 429, retryAfter: 60 }], [order('is-busy-for-long'), done]], status: 'completed', tries: ['model.rate-limited', 'answered'], asked: [1, 2] },
  'says-nothing': { replies: [[silence], [order('says-nothing'), done]], status: 'completed', tries: ['model.silent', 'answered'], asked: [2, 2] },
  'breaks-off': { replies: [[{ ...order('breaks-off'), instead: 'ends' }, order('breaks-off'), done]], status: 'completed', tries: ['model.interrupted', 'answered'], asked: [3] },
  'falls-silent': { replies: [[{ ...order('falls-silent'), instead: 'hangs' }], [order('falls-silent'), done]], status: 'completed', tries: ['model.timeout', 'answered'], asked: [2, 2] },
  'fails': { replies: [[down], [order('fails'), done]], status: 'completed', tries: ['model.unavailable', 'model.unavailable', 'answered'], asked: [4, 2] },
  'rejects': { replies: [[{ status: 400 }], [order('rejects'), done]], status: 'completed', tries: ['model.rejected', 'answered'], asked: [2, 2] },
  'writes-no-json': { replies: [[{ call: { name: 'order', arguments: '{"reference": "writes-no' } }, order('writes-no-json'), done]], status: 'completed', refused: ['unreadable_call', unread], asked: [3] },
  'invents-tools': { replies: [[{ call: { name: 'conquer', arguments: '{"what":"the world"}' } }, order('invents-tools'), done]], status: 'completed', refused: ['conquer', /conquer/], asked: [3] },
  'is-filtered': { replies: [[{ text: 'I will not', finish: 'content_filter' }, order('is-filtered'), done]], status: 'completed', tries: ['model.no-answer'], refused: ['unreadable_call', unread], asked: [3] },
  'is-cut-off': { replies: [[{ text: 'I will now order', finish: 'length' }], [order('is-cut-off'), done]], status: 'completed', tries: ['model.no-answer', 'answered'], asked: [2, 2] },
  'is-empty': { replies: [[nothing, nothing, order('is-empty'), done]], status: 'completed', tries: ['model.no-answer', 'model.no-answer'], refused: ['unreadable_call', unread], asked: [4] },
  'writes-a-megabyte': { replies: [[order('writes-a-megabyte'), { text: 'all '.repeat(262_144) }]], status: 'completed', answer: /\(cut: the model wrote 1048576 characters/, asked: [2] },
  'asks-with-a-megabyte': { replies: [[order('x'.repeat(1_048_576)), order('asks-with-a-megabyte'), done]], status: 'completed', refused: ['unreadable_call', unread], asked: [3] },
  'is-always-empty': { replies: [[nothing]], status: 'failed', reason: /goes in circles: it did the same 5 times/, tries: ['model.no-answer', 'model.no-answer'], refused: ['unreadable_call', unread], asked: [10] },
  'goes-in-circles': { replies: [[order('goes-in-circles')]], status: 'failed', reason: /goes in circles: it did the same 5 times/, asked: [5] },
  'refuses-the-key': { replies: [[{ status: 401 }]], status: 'failed', deadlineSeconds: 8, reason: /^the deadline of 8 s has passed while no model answered \(model\.refused\)$/, unanswered: ['model.refused'], asked: [1] },
  'is-down': { replies: [[down]], status: 'failed', deadlineSeconds: 8, reason: /^the deadline of 8 s has passed while no model answered \(model\.unavailable\)$/, unanswered: ['model.unavailable'] },
};

/** By what its agent calls a fault's model. */
export const modelOf = (fault: string, nth: number): string => (nth === 0 ? fault : `${fault}.second`);
