import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { DATA_FOLDER } from '../local/connection.js';
import type { Installation } from '../local/up.js';
import { show } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

interface UpOptions {
  readonly project: string;
  readonly data?: string;
  readonly port: number;
  readonly json?: true;
}

/** Everything on one machine: for whoever tries Holdfast, and whoever works on agents, tools and policies. */
export const addLocalCommands: AddCommands = (program, means) => {
  program.command('init').description('Makes a project that runs: an agent, its tools, a policy and a test. Nothing that is there is written over.').argument('<folder>').option('--json', 'as JSON')
    .action(async (folder: string, { json }: { readonly json?: true }) => {
      const { createProject } = await import('../local/init.js');
      const made = await createProject(folder);
      show(means.terminal, json, made, () => `${made.files.length} files are in ${made.folder}. Next:\n  cd ${folder}\n  npm test\n  npx holdfast dev`);
    });
  for (const [name, says] of [
    ['up', 'Starts broker, database and all services on this machine, with the agents, tools and policies of a project, and stops them on Ctrl-C. Started again, it goes on with the same data.'],
    ['dev', 'As up, and takes what changes in the project: agents become new versions and get new tasks, tools and models are loaded anew, policies are read again. What is wrong is told with its place, and the old one stays.'],
  ] as const) {
    program.command(name).description(says)
      .option('--project <folder>', 'where agents, tools and policies are', '.').option('--data <folder>', `where data, keys and logs are kept; ${DATA_FOLDER} in the project when left out`)
      .option('--port <n>', 'the gateway\'s port on 127.0.0.1', readPort, 8080).option('--json', 'as JSON: one line when everything serves')
      .action((options: UpOptions) => up(means, options, name === 'dev'));
  }
};

async function up({ terminal }: Means, { project: given, data, port, json }: UpOptions, isWatching: boolean): Promise<void> {
  // Loaded here, since no other command needs the launchers.
  const [{ withInstallation }, { findProject }, { linkPackages }, { onInterruption }, { look }] = await Promise.all([import('../local/up.js'), import('../local/project.js'), import('../local/packages.js'), import('../local/interruption.js'), import('../local/changes.js')]);
  const project = findProject(given);
  await linkPackages(project.folder);
  const since = await look(project.folder);
  const note = (line: string): void => terminal.note?.(line);
  const interruption = onInterruption(() => note('interrupted: stopping everything'));
  try {
    await withInstallation({ project, data: data ?? join(project.folder, DATA_FOLDER), port, note }, interruption.signal, async (installation) => {
      tellReady(installation, terminal, json);
      const watching = isWatching ? (await import('../local/dev.js')).watchProject(installation, since, interruption.signal, (line) => terminal.out(json === true ? JSON.stringify({ told: line }) : line)) : undefined;
      await Promise.all([interruption.whenAsked, watching]);
    });
  } finally {
    interruption.forget();
  }
}

function tellReady({ stack, keys, settings }: Installation, terminal: Means['terminal'], json: true | undefined): void {
  const { gatewayUrl: url, brokerUrl: broker } = stack;
  if (json === true) return terminal.out(JSON.stringify({ url, broker, keys, data: settings.data }));
  terminal.out([
    `Everything serves at ${url}; the API is described at ${url}/v1/openapi.json.`, `keys    ${keys}  (one file each: local has every role)`, `data    ${settings.data}  (logs are in ${join(settings.data, 'logs')})`, `broker  ${broker}`,
    'Commands of holdfast in this folder find it by themselves. From elsewhere:', `  export HOLDFAST_GATEWAY_URL=${url} HOLDFAST_API_KEY=$(cat ${join(keys, 'local')})`, 'Ctrl-C stops it.',
  ].join('\n'));
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('It must be a port from 1 to 65535.');
  return port;
}
