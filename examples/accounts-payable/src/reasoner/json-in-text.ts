/** A JSON object as a program that knows nothing of its shape sees it. */
export type LooseObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is LooseObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every outermost JSON object written in a text, whatever stands around it. */
export function jsonObjectsIn(text: string): readonly LooseObject[] {
  const found: LooseObject[] = [];
  let start = text.indexOf('{');
  while (start >= 0) {
    const end = closingBrace(text, start);
    const parsed = end === undefined ? undefined : parse(text.slice(start, end + 1));
    if (parsed !== undefined) found.push(parsed);
    start = text.indexOf('{', parsed === undefined || end === undefined ? start + 1 : end + 1);
  }
  return found;
}

/** The first object, at any depth and also inside strings of JSON, that the test accepts; outer ones come first. */
export function findObject(value: unknown, accepts: (object: LooseObject) => boolean): LooseObject | undefined {
  const queue: unknown[] = [value];
  for (let next = queue.shift(); queue.length > 0 || next !== undefined; next = queue.shift()) {
    if (typeof next === 'string') queue.push(...jsonObjectsIn(next));
    else if (Array.isArray(next)) queue.push(...(next as readonly unknown[]));
    else if (isObject(next)) {
      if (accepts(next)) return next;
      queue.push(...Object.values(next));
    }
  }
  return undefined;
}

/** Every string, at any depth, in the order written. */
export function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((each) => stringsIn(each));
  return isObject(value) ? Object.values(value).flatMap((each) => stringsIn(each)) : [];
}

function closingBrace(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (quoted) {
      if (character === '\\') index += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return undefined;
}

function parse(text: string): LooseObject | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
