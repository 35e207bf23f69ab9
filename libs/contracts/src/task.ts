import { z } from 'zod';
import { dataSubject, personRole, threadId, toolName } from './identifiers.js';
import { memoryScopes } from './memory.js';

/** Which tools a task is about, by name. Fixed with the task, before anything is read, and never changed afterwards. */
export const scope = z.array(toolName).max(256);

/**
 * A task event as other services publish it: CloudEvents 1.0, structured JSON
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md). Unknown extension attributes
 * are allowed, as the specification asks.
 */
export const taskEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(256),
  source: z.string().min(1).max(512),
  type: z.string().min(1).max(256),
  time: z.iso.datetime({ offset: true }).optional(),
  datacontenttype: z.string().optional(),
  /**
   * An extension attribute of Holdfast's, {@link scope} with commas, since attributes are text: the agent may use these tools
   * alone, and of those that it has on request these too. Without it, the agent's own tools.
   */
  scope: z.string().max(16_384).refine((text) => scope.safeParse(scopeOf(text)).success, 'must be names of tools with commas between them').optional(),
  /** An extension attribute of Holdfast's: the conversation that the task goes on with. Its run is shown what was asked and answered there before. */
  thread: threadId.optional(),
  /** An extension attribute of Holdfast's: whose personal data the task is about. What memory holds of its run goes when they are erased. */
  datasubject: dataSubject.optional(),
  data: z.looseObject({
    /** What is wanted, in the requester's own words. */
    goal: z.string().min(1).max(20_000),
  }),
});
export type TaskEvent = z.infer<typeof taskEvent>;

/** The tools that a task event's scope names; none named is none at all. */
export function scopeOf(text: string): string[] {
  return text.split(',').map((name) => name.trim()).filter((name) => name !== '');
}

/** As whom an event from the bus asks: its source is what somebody wrote, which authenticates nobody. No key can have such a name. */
export const publisherOf = (source: string): string => `source:${source}`;

/** True for a requester whom the edge has authenticated. */
export const isAuthenticated = (requester: string): boolean => !requester.startsWith(publisherOf(''));

/** A task as the log keeps it: the event, with who asked and which agent took it. */
export const task = z.strictObject({
  source: z.string(),
  id: z.string(),
  type: z.string(),
  goal: z.string(),
  /** Every other field of the event's data. */
  input: z.record(z.string(), z.unknown()),
  requester: z.string(),
  /** What policies know the requester as, as the edge has authenticated them. */
  requesterRoles: z.array(personRole).max(64).optional(),
  scope: scope.optional(),
  /** Of a run that another run started: the scopes of memory that that one could hand on, and this one has no others. */
  memoryScopes: memoryScopes.optional(),
  thread: threadId.optional(),
  dataSubject: dataSubject.optional(),
});
export type Task = z.infer<typeof task>;
