import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Catalog } from '@holdfast/contracts';
import { shownError } from '../exit.js';
import { Gateway } from '../gateway.js';
import { takeVersion } from './agent-routes.js';
import { changesIn, type Snapshot } from './changes.js';
import { writeModules } from './project.js';
import { readCatalog } from './read-catalog.js';
import { requirePolicies, type Installation } from './up.js';

/** Services that read the catalogue when they start. */
const READERS = ['policy', 'orchestrator', 'planner', 'tool-adapters', 'gateway'] as const;
const CODE = /\.[mc]?[jt]s$/;

/** Takes what changes in a project until the signal comes, beginning with what changed since it was looked at before the start. What is wrong is told, and what ran goes on as it was. */
export async function watchProject(installation: Installation, since: Snapshot, over: AbortSignal, tell: (line: string) => void): Promise<void> {
  const { project } = installation.settings;
  const taker = new Taker(installation, installation.catalog, tell);
  tell(`Watching ${project.folder}.`);
  for await (const changed of changesIn(project.folder, since, over)) {
    try {
      await taker.take(changed);
    } catch (error) {
      const { message, remedy, code } = shownError(error);
      tell(`NOT TAKEN (${code}): ${message}\n  ${remedy} What was there before stays.`);
    }
  }
}

class Taker {
  private readonly gateway: Gateway;

  constructor(private readonly installation: Installation, private catalog: Catalog, private readonly tell: (line: string) => void) {
    this.gateway = new Gateway({ url: installation.stack.gatewayUrl, key: installation.stack.apiKeys.local });
  }

  async take(changed: ReadonlySet<string>): Promise<void> {
    const { project, data } = this.installation.settings;
    const isPolicy = (file: string): boolean => file.startsWith('policies/');
    const files = [...changed].filter((file) => !isPolicy(file) && !file.startsWith('tests/'));
    if (files.includes('.env')) this.tell('.env changed; it is read when "holdfast dev" starts.');
    const before = this.catalog;
    const after = files.some((file) => file !== '.env') ? await readCatalog(await writeModules(project, data)) : before;
    if (after !== before || [...changed].some(isPolicy)) {
      const digest = await requirePolicies(project, after);
      if ([...changed].some(isPolicy)) this.tell(`The policies are right, ${digest.slice(0, 12)}; they count within seconds.`);
    }
    await this.takeTools(before, after, files.filter((file) => CODE.test(file)));
    for (const agent of after.agents.filter(({ name, digest }) => !before.agents.some((known) => known.name === name && known.digest === digest))) {
      await takeVersion(this.gateway, agent);
      this.tell(`Agent ${agent.name}: version ${agent.digest.slice(0, 12)} gets new tasks.`);
    }
    for (const { name } of before.agents.filter((agent) => !after.agents.some((known) => known.name === agent.name))) this.tell(`Agent ${name} is in no file any more; it still takes tasks until the next start.`);
    this.catalog = after;
  }

  /** A contract is in the catalogue, which services read when they start; code is in the process that loaded it. */
  private async takeTools(before: Catalog, after: Catalog, code: readonly string[]): Promise<void> {
    const { project, data } = this.installation.settings;
    if (JSON.stringify(before.tools) !== JSON.stringify(after.tools)) {
      await writeFile(join(data, 'catalog.json'), `${JSON.stringify(after, null, 2)}\n`);
      return this.restart(READERS, 'contracts of tools changed');
    }
    if (code.length === 0) return;
    const ofModels = [project.models, project.agents].map((file) => (file === undefined ? '' : basename(file)));
    const tools = code.filter((file) => !ofModels.includes(file));
    await this.restart([...(tools.length > 0 ? ['tool-adapters'] as const : []), ...(tools.length < code.length ? ['planner'] as const : [])], `${code.join(', ')} changed`);
  }

  private async restart(names: readonly string[], why: string): Promise<void> {
    await Promise.all(names.map((name) => this.installation.stack.services[name]?.restart()));
    this.tell(`${why}: ${names.join(', ')} started anew.`);
  }
}
