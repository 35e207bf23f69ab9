import { z } from 'zod';

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
  data: z.looseObject({
    /** What is wanted, in the requester's own words. */
    goal: z.string().min(1).max(20_000),
  }),
});
export type TaskEvent = z.infer<typeof taskEvent>;

/** A task as the log keeps it: the event, with who asked and which agent took it. */
export const task = z.strictObject({
  source: z.string(),
  id: z.string(),
  type: z.string(),
  goal: z.string(),
  /** Every other field of the event's data. */
  input: z.record(z.string(), z.unknown()),
  requester: z.string(),
});
export type Task = z.infer<typeof task>;
