/** What stands in the field for further data: an object, or why it is none. Nothing typed is no data. */
export type TaskInput = { readonly input?: Readonly<Record<string, unknown>> } | { readonly fault: string };

/** Reads the further data of a task as it was typed. The goal has a field of its own, so it cannot be said here again. */
export function taskInputOf(text: string): TaskInput {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { fault: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { fault: 'This has to be a JSON object, such as {"invoice": "4711"}.' };
  if (Object.hasOwn(value, 'goal')) return { fault: 'The goal has a field of its own: leave "goal" out here.' };
  return { input: value as Readonly<Record<string, unknown>> };
}
