import { InvalidArgumentError } from 'commander';

/** An argument that is any JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidArgumentError('It must be JSON; a text stands in double quotes.');
  }
}

/** An argument that is a JSON object. */
export function readObject(text: string): Readonly<Record<string, unknown>> {
  const value = readJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidArgumentError('It must be a JSON object.');
}
