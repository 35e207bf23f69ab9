import type { ToolContract } from './catalog.js';
import type { RunId } from './identifiers.js';

/**
 * The adapter of the tools that Holdfast itself serves: waiting, starting runs, and giving up. No worker of a team executes them; the
 * orchestrator does, and the commit is the dispatch as for any call. The name and the prefix `holdfast_` are reserved.
 */
export const RUNTIME_ADAPTER = 'holdfast';
export const RUNTIME_TOOL_PREFIX = 'holdfast_';

const LONGEST_SECONDS = 31_536_000;
const LONGEST_ID = 64;

/** What they say is the orchestrator's own record. What a child run answers was written by a model. */
const common = {
  adapter: RUNTIME_ADAPTER, identity: [], timeoutMs: 10_000, concurrency: 1000,
  retry: { attempts: 20, baseDelayMs: 100, maxDelayMs: 5_000 },
} satisfies Partial<ToolContract>;

/** Waits until an instant or for a number of seconds, durably: a parked run costs no memory and survives restarts. */
export const waitTool: ToolContract = {
  ...common,
  name: 'holdfast_wait',
  description: 'Waits until a time, or for a number of seconds, and then lets you go on. Give exactly one of the two.',
  effect: 'read',
  input: { type: 'object', properties: { until: { type: 'string', format: 'date-time' }, seconds: { type: 'integer', minimum: 1, maximum: LONGEST_SECONDS } }, additionalProperties: false },
  output: { type: 'object', properties: { waitedUntil: { type: 'string' } }, required: ['waitedUntil'] },
  roles: { until: 'when', seconds: 'when' },
  outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} },
  digest: 'ff7e6809e38dacd3640626a460c96d1da8d09b178b763b9a577f174a1a97049f',
};

/** Waits for a signal by name. One that came while the model was thinking counts; the payload stands in the conversation. */
export const waitSignalTool: ToolContract = {
  ...common,
  name: 'holdfast_wait_signal',
  description: 'Waits until somebody sends this task the named signal, or until the time-out if you give one. The answer says whether it came.',
  effect: 'read',
  input: { type: 'object', properties: { name: { type: 'string', minLength: 1, maxLength: 128 }, timeoutSeconds: { type: 'integer', minimum: 1, maximum: LONGEST_SECONDS } }, required: ['name'], additionalProperties: false },
  output: { type: 'object', properties: { received: { type: 'boolean' }, signal: { type: 'string' }, by: { type: 'string' } }, required: ['received', 'signal'] },
  roles: { name: 'enum', timeoutSeconds: 'when' },
  outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} },
  digest: 'aa63ac67dd2fd7e5f684bd42968078181e4b29a264a3653cc2a6b4398eb8c8fd',
};

/**
 * Asks a person, and waits for the answer. It comes as the signal that the question names, in the conversation, with the label of whoever
 * answers: the requester's words are the requester's, and a colleague's the organisation's.
 */
export const askPersonTool: ToolContract = {
  ...common,
  name: 'holdfast_ask_person',
  description: 'Asks a person a question and waits for the answer, or until the time-out if you give one. Ask when you cannot know, not when policy refuses. Never ask for passwords or keys.',
  effect: 'read',
  input: {
    type: 'object',
    properties: {
      question: { type: 'string', minLength: 1, maxLength: 2_000 },
      choices: { type: 'array', minItems: 2, maxItems: 20, items: { type: 'string', minLength: 1, maxLength: 200 } },
      timeoutSeconds: { type: 'integer', minimum: 1, maximum: LONGEST_SECONDS },
    },
    required: ['question'], additionalProperties: false,
  },
  output: { type: 'object', properties: { received: { type: 'boolean' }, signal: { type: 'string' }, by: { type: 'string' } }, required: ['received', 'signal'] },
  roles: { question: 'content', choices: 'content', timeoutSeconds: 'when' },
  outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} },
  digest: 'b56df12055017133ca98b92dbaa986171933a0e55ec19db8af4aa906234814b6',
};

/** Starts a run of another task and waits for its end. Its key is the call itself: however often it is sent, it is one run. */
export const startRunTool: ToolContract = {
  ...common,
  name: 'holdfast_start_run',
  description: 'Hands a part of the work to another agent as a task of its own and waits for its answer. The type says which agent takes it.',
  effect: 'keyed',
  input: {
    type: 'object',
    properties: { type: { type: 'string', minLength: 1, maxLength: 256 }, goal: { type: 'string', minLength: 1, maxLength: 20_000 }, input: { type: 'object' }, maxSteps: { type: 'integer', minimum: 1, maximum: 10_000 } },
    required: ['type', 'goal'], additionalProperties: false,
  },
  output: { type: 'object', properties: { run: { type: 'string' }, answer: { type: 'string' } }, required: ['run', 'answer'] },
  roles: { type: 'enum', goal: 'content', input: 'content', maxSteps: 'enum' },
  outputLabel: { trust: 'model', secrecy: 'internal', fields: {} },
  digest: 'aba594a239c77a4552198abfc97717d2c60ec3e8b65d4ddea6d9671aac839748',
};

/**
 * Gives the whole run up and undoes what it did. The last thing that an agent can do: nothing else that it asks for beside
 * it is made, and once policy has allowed it, it cannot be taken back.
 */
export const abortTool: ToolContract = {
  ...common,
  name: 'holdfast_abort',
  description: 'Gives this task up and undoes, in reverse order, whatever was done for it and can be undone. Use it when the task cannot be done as it should be. You will not be asked again.',
  effect: 'keyed',
  input: { type: 'object', properties: { reason: { type: 'string', minLength: 1, maxLength: 1_000 } }, required: ['reason'], additionalProperties: false },
  output: { type: 'object', properties: { aborted: { const: true } }, required: ['aborted'] },
  roles: { reason: 'content' },
  outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} },
  digest: 'b6ab34ff88a2316c67acfc9d222a0c0719d9a4978dbf58baa5e0d4a5efd825a9',
};

export const RUNTIME_TOOLS: readonly ToolContract[] = [waitTool, waitSignalTool, askPersonTool, startRunTool, abortTool];

/**
 * The id of the run that a call starts: the parent's id, `_` and the call's id, so that starting twice is one run.
 * Undefined where it would be longer than an identifier may be, which is also what limits how deep runs start runs.
 */
export function childRunIdOf(parent: RunId, callId: string): RunId | undefined {
  const id = `${parent}_${callId}`;
  return id.length <= LONGEST_ID ? id : undefined;
}
