import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { pathToFileURL } from 'node:url';
import { isAgentFile, readAgents } from '@holdfast/agent-sdk';
import { HoldfastError } from '@holdfast/contracts';

/** What a folder with agents, tools and policies has, by the names that `holdfast init` gives them. */
export interface Project {
  readonly folder: string;
  /** An agent file, or a module that exports `agents` and, if it likes, `models`. */
  readonly agents: string;
  /** Models of the project's own, beside an agent file. */
  readonly models: string | undefined;
  /** Undefined where the agents have none but Holdfast's own. */
  readonly tools: string | undefined;
  readonly policies: string;
}

const MODULE = ['ts', 'mts', 'js', 'mjs'];
const AGENTS = [...['yaml', 'yml', 'json'].map((ending) => `agents.${ending}`), ...MODULE.map((ending) => `agents.${ending}`)];
const TOOLS = MODULE.flatMap((ending) => [`tools.${ending}`, `tools/index.${ending}`]);

/** Finds the parts of a project. Throws `cli.file-unusable`, which names what is missing. */
export function findProject(given: string): Project {
  const folder = resolve(given);
  const first = (names: readonly string[]): string | undefined => names.map((name) => join(folder, name)).find((file) => existsSync(file));
  const agents = first(AGENTS);
  if (agents === undefined) throw incomplete(`There are no agents in "${folder}": none of ${AGENTS.join(', ')}.`, 'Name the folder of a project with --project, or make one with "holdfast init <folder>".');
  const policies = join(folder, 'policies');
  if (!existsSync(policies)) throw incomplete(`There is no folder "policies" in "${folder}".`, 'Make one, with a .cedar file in it: what no policy permits is denied.');
  return { folder, agents, policies, tools: first(TOOLS), models: isAgentFile(agents) ? first(MODULE.map((ending) => `models.${ending}`)) : undefined };
}

/** The variables of the project's `.env`, for its tools and models. */
export async function environmentOf({ folder }: Project): Promise<Readonly<Record<string, string>>> {
  const file = join(folder, '.env');
  if (!existsSync(file)) return {};
  return Object.fromEntries(Object.entries(parseEnv(await readFile(file, 'utf8'))).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What services load, made from the project's files: the planner takes agents and models from one module. Throws what {@link readAgents} throws. */
export async function writeModules({ agents, models, tools }: Project, data: string): Promise<{ readonly agents: string; readonly tools: string }> {
  const folder = join(data, 'modules');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  return {
    agents: models === undefined ? agents : await write('agents.mjs', `export { models } from ${JSON.stringify(pathToFileURL(models).href)};\nexport const agents = ${JSON.stringify(readAgents(agents))};\n`),
    tools: tools ?? (await write('tools.mjs', 'export const contracts = [];\nexport const tools = () => [];\n')),
  };
}

function incomplete(message: string, remedy: string): HoldfastError {
  return new HoldfastError({ code: 'cli.file-unusable', message, retryable: false, remedy });
}
