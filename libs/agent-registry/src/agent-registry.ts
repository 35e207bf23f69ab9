import { digestOfAgent } from '@holdfast/agent-sdk';
import { readJson, storedAfter, type Bus, type StoredMessage } from '@holdfast/bus';
import { AGENTS_STREAM, HoldfastError, canonicalJson, publishedVersion, subjects, type AgentDeclaration, type AgentRevocation, type AgentRoute, type AgentVersion, type RouteShare, type RunKey } from '@holdfast/contracts';
import { AgentRecords, type ListedVersion, type StoredRoute } from './agent-records.js';
import type { AgentWanted, Agents } from './agents.js';
import { choose, type Choice, type Share } from './choose.js';
import { agentUnknown, notSealed, routeChanged, unavailable, versionRevoked, versionUnknown } from './errors.js';

export type { StoredRoute } from './agent-records.js';

export interface AgentRegistrySettings {
  readonly bus: Pick<Bus, 'publish' | 'getBatch' | 'lastBySubject' | 'listen' | 'onReconnect'>;
  /** The catalogue's agents: where nobody has set a route, new tasks get these. */
  readonly declared: readonly AgentDeclaration[];
  /** Told when something cannot be read or written; what is known stays. */
  readonly onError?: (error: unknown, what: string) => void;
  /** How often the stream is looked at, in milliseconds; a lost notice only delays. */
  readonly rereadMs?: number;
}

/** Who published what a catalogue declares. */
export const DEPLOYMENT = 'deployment';

const REREAD_MS = 30_000;
const WRITE_TRIES = 5;
const OPEN_PAUSE_MS = 200;
/** Declarations are some kilobytes each. */
const REMEMBERED_VERSIONS = 256;

/**
 * Agents as the stream AGENTS has them: every version that was ever published, which of them new tasks get, and what was
 * revoked. It is kept up to date from the stream. Reading needs no right to write; a version may be published by gateway and
 * orchestrator, and all else is written by the gateway alone.
 */
export class AgentRegistry implements Agents {
  private readonly records = new AgentRecords();
  private readonly found = new Map<string, AgentDeclaration>();
  private readonly stops: (() => void)[] = [];
  private reading: Promise<void> | undefined;

  private constructor(private readonly settings: AgentRegistrySettings) {}

  /** Reads everything once, trying again for as long as the broker cannot answer: without it, nobody knows what is revoked. */
  static async open(settings: AgentRegistrySettings): Promise<AgentRegistry> {
    const registry = new AgentRegistry(settings);
    const look = (): void => void registry.refresh().catch((error: unknown) => settings.onError?.(error, 'the registry of agents could not be read'));
    registry.stops.push(settings.bus.listen(subjects.declaredHeard(), look));
    while (!(await registry.hasRead())) await new Promise((resolve) => setTimeout(resolve, OPEN_PAUSE_MS));
    registry.stops.push(settings.bus.onReconnect(look));
    const timer = setInterval(look, settings.rereadMs ?? REREAD_MS).unref();
    registry.stops.push(() => clearInterval(timer));
    return registry;
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  async find(version: AgentVersion): Promise<AgentDeclaration | undefined> {
    const { name, digest } = version;
    const known = this.declared(name).find((agent) => agent.digest === digest) ?? this.found.get(`${name}.${digest}`);
    if (known !== undefined) return known;
    const stored = await this.settings.bus.lastBySubject(AGENTS_STREAM, subjects.agentVersion(name, digest));
    const declaration = stored === undefined ? undefined : this.readVersion(version, stored);
    if (declaration === undefined) return undefined;
    const oldest = this.found.size < REMEMBERED_VERSIONS ? undefined : this.found.keys().next().value;
    if (oldest !== undefined) this.found.delete(oldest);
    this.found.set(`${name}.${digest}`, declaration);
    return declaration;
  }

  /** As {@link find}, for people. Throws `agent.version-unknown`. */
  async require(version: AgentVersion): Promise<AgentDeclaration> {
    const found = await this.find(version);
    if (found === undefined) throw versionUnknown(version);
    return found;
  }

  revocation(version: AgentVersion): AgentRevocation | undefined {
    return this.records.revocation(version);
  }

  isOffered(name: string): boolean {
    return this.declared(name).length > 0 || (this.records.route(name)?.route.shares.length ?? 0) > 0;
  }

  async choose(wanted: AgentWanted, key: RunKey): Promise<Choice> {
    const names = 'name' in wanted ? [wanted.name] : this.namesInTurn();
    const agents = await Promise.all(names.map((name) => this.shares(name)));
    return choose(agents, key, 'type' in wanted ? wanted.type : undefined, wanted.keys);
  }

  /** The types of tasks that somebody takes. */
  async takenTypes(): Promise<ReadonlySet<string>> {
    const shares = await Promise.all(this.namesInTurn().map((name) => this.shares(name)));
    return new Set(shares.flat().flatMap(({ agent, weight }) => (weight > 0 ? agent?.taskTypes ?? [] : [])));
  }

  /** All agents that the catalogue declares, or that were published. */
  get names(): readonly string[] {
    return [...new Set([...this.settings.declared.map(({ name }) => name), ...this.records.names])].sort();
  }

  /** Versions in the order in which they were published; one that is only declared comes last. */
  versions(name: string): readonly ListedVersion[] {
    const unpublished = this.declared(name).filter(({ digest }) => !this.records.has({ name, digest }));
    return [...this.records.versions(name), ...unpublished.map(({ digest }) => ({ digest, by: DEPLOYMENT, at: 0 }))];
  }

  /** What somebody said last about the agent's new tasks; undefined where nobody did. */
  route(name: string): StoredRoute | undefined {
    return this.records.route(name);
  }

  /** What new tasks of the agent get at present, or would get under other shares. */
  async shares(name: string, said: readonly RouteShare[] = this.records.route(name)?.route.shares ?? []): Promise<readonly Share[]> {
    const shares = said.length > 0 ? said : this.declared(name).map(({ digest }) => ({ digest, weight: 1 }));
    const stableBy = this.records.route(name)?.route.stableBy;
    return Promise.all(shares.map(async ({ digest, weight }) => {
      const version = { name, digest };
      return { version, weight, agent: await this.find(version), isRevoked: this.revocation(version) !== undefined, ...(stableBy === undefined ? {} : { stableBy }) };
    }));
  }

  /** Reads what has come since; whoever asks meanwhile gets what this reading finds, or one that begins after it. */
  async refresh(): Promise<void> {
    const before = this.reading;
    const reading = (before ?? Promise.resolve()).catch(() => undefined).then(() => this.readOn());
    this.reading = reading;
    try {
      await reading;
    } finally {
      if (this.reading === reading) this.reading = undefined;
    }
  }

  /** Publishes what the catalogue declares, each version once; routes stay as they are. Throws `agent.registry-unavailable` (retryable). */
  async publishDeclared(): Promise<void> {
    for (const declaration of this.settings.declared) {
      if (this.records.has(declaration)) continue;
      if (digestOfAgent(declaration) === declaration.digest) await this.publish(declaration, DEPLOYMENT);
      else this.settings.onError?.(notSealed(declaration), 'a declared agent is not published');
    }
  }

  /** Publishes a version; one that is there already stays as it is. Throws `agent.not-sealed`, and `agent.registry-unavailable` (retryable). */
  async publish(declaration: AgentDeclaration, by: string): Promise<'published' | 'known'> {
    if (digestOfAgent(declaration) !== declaration.digest) throw notSealed(declaration);
    const subject = subjects.agentVersion(declaration.name, declaration.digest);
    return (await this.writeOnce(subject, { declaration, by, at: Date.now() })) ? 'published' : 'known';
  }

  /**
   * Says which versions new tasks get from now on, in proportion to their weights; no shares hand the agent back to what is
   * deployed. `seen` is the sequence of the route that it replaces (0: none), where it must be that one. Throws `agent.unknown`,
   * `agent.version-unknown`, `agent.version-revoked`, `agent.route-changed`, and `agent.registry-unavailable` (retryable).
   */
  async setRoute(name: string, route: Omit<AgentRoute, 'at'>, seen?: number): Promise<StoredRoute> {
    const said: AgentRoute = { ...route, at: Date.now() };
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      await this.refresh();
      const last = this.records.route(name);
      // A publish that was not answered may have been stored.
      if (tries > 0 && last !== undefined && canonicalJson(last.route) === canonicalJson(said)) return last;
      const sequence = await this.checkRoute(name, said.shares, seen);
      const answer = await this.settings.bus.publish(subjects.agentRoute(name), JSON.stringify(said), { expected: { sequence } });
      if (answer.status === 'stored') return { route: said, sequence: answer.sequence };
    }
    throw unavailable(`a route of "${name}"`);
  }

  /** What {@link setRoute} checks; returns the sequence of the route that it would replace. */
  async checkRoute(name: string, shares: readonly RouteShare[], seen?: number): Promise<number> {
    await this.refresh();
    if (!this.names.includes(name)) throw agentUnknown(name);
    for (const { digest } of shares) {
      const version = { name, digest };
      const revoked = this.revocation(version);
      if (revoked !== undefined) throw versionRevoked(version, revoked);
      await this.require(version);
    }
    const sequence = this.records.route(name)?.sequence ?? 0;
    if (seen !== undefined && seen !== sequence) throw routeChanged(name, seen, sequence);
    return sequence;
  }

  /** Revokes a version, for good. Throws `agent.version-unknown`, and `agent.registry-unavailable` (retryable). */
  async revoke(version: AgentVersion, by: string, reason: string): Promise<AgentRevocation> {
    await this.refresh();
    await this.require(version);
    const word = { by, reason, at: Date.now() };
    await this.writeOnce(subjects.agentRevoked(version.name, version.digest), word);
    return this.revocation(version) ?? word;
  }

  /** Stores the only message that a subject ever has; false when it has one. */
  private async writeOnce(subject: string, value: unknown): Promise<boolean> {
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      const answer = await this.settings.bus.publish(subject, JSON.stringify(value), { expected: { sequence: 0 } });
      if (answer.status === 'unknown') continue;
      // Of a publish that was not answered, the next finds what it had stored.
      if (answer.status === 'conflict' && (await this.settings.bus.lastBySubject(AGENTS_STREAM, subject)) === undefined) continue;
      await this.refresh();
      return answer.status === 'stored' && tries === 0;
    }
    throw unavailable(`"${subject}"`);
  }

  private declared(name: string): readonly AgentDeclaration[] {
    return this.settings.declared.filter((agent) => agent.name === name);
  }

  /** Where several agents take tasks of one type, the one that the catalogue declares last does, and one that it does not declare only where none else does. */
  private namesInTurn(): readonly string[] {
    return [...new Set([...this.settings.declared.map(({ name }) => name).toReversed(), ...this.records.names])];
  }

  /** Undefined where what was stored is not what its digest says; nobody is given another version than the one they asked for. */
  private readVersion({ name, digest }: AgentVersion, { data }: StoredMessage): AgentDeclaration | undefined {
    const parsed = publishedVersion.safeParse(readJson(data));
    const declaration = parsed.data?.declaration;
    if (declaration?.name === name && declaration.digest === digest && digestOfAgent(declaration) === digest) return declaration;
    this.settings.onError?.(parsed.error ?? new Error('its digest is another one'), `version ${digest.slice(0, 12)} of "${name}" cannot be read`);
    return undefined;
  }

  private async hasRead(): Promise<boolean> {
    try {
      await this.refresh();
      return true;
    } catch (error) {
      if (!(error instanceof HoldfastError) || !error.retryable) throw error;
      this.settings.onError?.(error, 'the registry of agents could not be read');
      return false;
    }
  }

  private async readOn(): Promise<void> {
    for await (const message of storedAfter(this.settings.bus, AGENTS_STREAM, this.records.head)) {
      try {
        this.records.fold(message);
      } catch (error) {
        this.settings.onError?.(error, `a record on "${message.subject}" cannot be read`);
      }
    }
  }
}
