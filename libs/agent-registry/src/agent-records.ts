import { readJson, type StoredMessage } from '@holdfast/bus';
import { agentRevocation, agentRoute, publishedVersion, type AgentRevocation, type AgentRoute, type AgentVersion, type Digest } from '@holdfast/contracts';
import type { z } from 'zod';

/** A version as lists tell it. */
export interface ListedVersion {
  readonly digest: Digest;
  readonly by: string;
  readonly at: number;
}

/** A route, and its place in the stream: whoever replaces it says which one they saw. */
export interface StoredRoute {
  readonly route: AgentRoute;
  readonly sequence: number;
}

/** What the stream AGENTS says, folded message by message. Declarations are not kept: they are large, and few are needed. */
export class AgentRecords {
  private readonly published = new Map<string, Map<Digest, ListedVersion>>();
  private readonly routed = new Map<string, StoredRoute>();
  private readonly revoked = new Map<string, AgentRevocation>();
  /** The sequence of the last message that was folded. */
  head = 0;

  /** Throws what cannot be read, once: the message is left behind. */
  fold({ subject, data, sequence }: StoredMessage): void {
    if (sequence <= this.head) return;
    this.head = sequence;
    const [, name = '', kind, digest = ''] = subject.split('.');
    switch (kind) {
      case 'version': {
        const { by, at } = read(publishedVersion, data);
        const versions = this.published.get(name) ?? new Map<Digest, ListedVersion>();
        this.published.set(name, versions.set(digest, { digest, by, at }));
        return;
      }
      case 'route': return void this.routed.set(name, { route: read(agentRoute, data), sequence });
      case 'revoked':
        // That it was revoked is in the subject; a word that cannot be read must not make it count for less.
        this.revoked.set(keyOf({ name, digest }), agentRevocation.safeParse(readJson(data)).data ?? { by: 'somebody', reason: 'the word of revocation cannot be read', at: 0 });
        return;
      default:
    }
  }

  /** All agents that were ever published or routed. */
  get names(): readonly string[] {
    return [...new Set([...this.published.keys(), ...this.routed.keys()])].sort();
  }

  /** In the order in which they were published. */
  versions(name: string): readonly ListedVersion[] {
    return [...(this.published.get(name)?.values() ?? [])];
  }

  has({ name, digest }: AgentVersion): boolean {
    return this.published.get(name)?.has(digest) === true;
  }

  route(name: string): StoredRoute | undefined {
    return this.routed.get(name);
  }

  revocation(version: AgentVersion): AgentRevocation | undefined {
    return this.revoked.get(keyOf(version));
  }
}

const keyOf = ({ name, digest }: AgentVersion): string => `${name}.${digest}`;

function read<T>(schema: z.ZodType<T>, data: Uint8Array): T {
  return schema.parse(readJson(data));
}
