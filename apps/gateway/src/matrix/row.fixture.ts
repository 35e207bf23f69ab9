import type { World } from './world.fixture.js';

/** What is sent to an endpoint, beside its method and path. */
export interface Asked {
  /** What stands in the path, by the names of its parameters. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that cannot be followed, and the code that it is refused with. */
export interface Refused {
  readonly what: string;
  /** Takes the place of the same parts of the row's own request. */
  readonly ask: Asked;
  readonly code: string;
}

/**
 * What there is to know about one endpoint in order to try it in every way. What follows from the endpoint itself is tried
 * without a word here: no key, unknown keys, each role that is too small, a path that names nothing, unknown members of query and body,
 * broken JSON, other media types, bodies that are too large.
 */
export interface Row {
  /** A request that succeeds, made by whoever has just the role that the endpoint needs. Every case makes one of its own, in the tenant "acme". */
  readonly ask: (world: World) => Promise<Asked> | Asked;
  /** What the endpoint answers when everything is as it should be, where it is not its `status` with one of its answers. */
  readonly refusal?: string;
  /**
   * What an admin of another tenant is told by the same request: the code of a refusal; `own`, when it is about what they have themselves, so that nothing of
   * "acme" may be in the answer; `installation`, when it is about what all tenants have together.
   */
  readonly elsewhere: string;
  /** What the same request is told once more: `same` for the same answer, or the code of a refusal. */
  readonly again: 'same' | (string & {});
  /** Members of the answer that may be another the second time, at any depth. `duplicate` always may. */
  readonly varies?: readonly string[];
  /** A request that contradicts what is there; or, in words, why none can. */
  readonly conflict: string | { readonly ask: (world: World) => Promise<Asked> | Asked; readonly code: string };
  /** Parameters of the path that may be any text. */
  readonly free?: readonly string[];
  /** What else is malformed here. */
  readonly malformed?: readonly Refused[];
}

/** A row's request is the same each time that it is asked. */
export const nothing = (): Asked => ({});
/** Why nothing can contradict a request that changes nothing. */
export const READS = 'it changes nothing';
