import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LockTimeoutError, withLock } from './lock.mjs';
import { Problem } from './problem.mjs';
import { ROOT } from './root.mjs';
import { announce, environmentWith, runStep } from './steps.mjs';

const STAMP = join(ROOT, '.holdfast', 'build.sha256');
const LOCK = join(ROOT, '.holdfast', 'build.lock');
const ROOT_FILES = ['.swcrc', 'nx.json', 'nx-targets.mjs', 'package.json', 'package-lock.json'];
const SKIPPED = new Set(['node_modules', 'dist', 'coverage']);

/**
 * Builds unless what is built comes from exactly these sources. Not even the build's cache is asked then: it would put
 * the same files in place anew, under the feet of whatever runs from them.
 */
export async function build(node) {
  const projects = await projectFolders();
  if (await isBuilt(projects)) return;
  try {
    await withLock(LOCK, async () => {
      const digest = await digestOf(projects);
      if (await isBuilt(projects, digest)) return;
      announce('Building.');
      await rm(STAMP, { force: true });
      const { ok, output } = await runStep('npm', ['run', '--silent', 'build'], { ...environmentWith(node), NX_DAEMON: 'false', NX_TUI: 'false' });
      if (!ok) throw new Problem(`The build failed:\n${output.trim()}`, 'Correct what the build reports above and start again.');
      await mkdir(dirname(STAMP), { recursive: true });
      await writeFile(STAMP, digest);
    }, { onWait: ({ pid }) => announce(`Another start (process ${pid}) is building; waiting for it.`) });
  } catch (error) {
    if (error instanceof LockTimeoutError) throw new Problem(error.message, 'If nothing else is building here, delete that file and start again.');
    throw error;
  }
}

async function isBuilt(projects, digest) {
  const built = await readFile(STAMP, 'utf8').catch(() => undefined);
  return built !== undefined && projects.every((folder) => existsSync(join(folder, 'dist'))) && built === (digest ?? (await digestOf(projects)));
}

/** The folders that have sources to build. */
async function projectFolders() {
  const groups = await Promise.all(['apps', 'libs', 'examples'].map(async (group) => (await readdir(join(ROOT, group)).catch(() => [])).sort().map((name) => join(ROOT, group, name))));
  const folders = [...groups.flat(), join(ROOT, 'deploy')];
  const withSources = await Promise.all(folders.map((folder) => readdir(join(folder, 'src')).then((files) => files.length > 0, () => false)));
  return folders.filter((_, index) => withSources[index]);
}

async function digestOf(projects) {
  const hash = createHash('sha256');
  for (const file of ROOT_FILES) hash.update(`${file}\n`).update(await readFile(join(ROOT, file)).catch(() => ''));
  for (const folder of projects) await addFolder(hash, folder);
  return hash.digest('hex');
}

async function addFolder(hash, folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) await addFolder(hash, path);
    else if (entry.isFile()) hash.update(`${path}\n`).update(await readFile(path));
  }
}
