/** What a message says, as JSON. What is no JSON says nothing: undefined, which the check of its shape then finds. */
export function readJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data)) as unknown;
  } catch {
    return undefined;
  }
}
