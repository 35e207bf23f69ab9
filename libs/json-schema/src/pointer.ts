const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** The parts of a JSON pointer (RFC 6901, section 4): none of the empty one, which is the whole. */
export function pointerParts(pointer: string): readonly string[] {
  return pointer.split('/').slice(1).map(unescaped);
}

/**
 * What a reference inside its own document (`#/$defs/order`, a JSON pointer as a URI fragment) points to. Undefined where
 * it leads nowhere, into a list, or out of the document.
 */
export function referenced(document: Readonly<Record<string, unknown>>, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  return reference.split('/').slice(1).map((part) => unescaped(decodeURIComponent(part)))
    .reduce<unknown>((inner, part) => (isObject(inner) && Object.hasOwn(inner, part) ? inner[part] : undefined), document);
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
