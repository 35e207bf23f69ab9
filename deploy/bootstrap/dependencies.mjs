import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockTimeoutError, withLock } from './lock.mjs';
import { Problem } from './problem.mjs';
import { ROOT } from './root.mjs';
import { announce, runStep } from './steps.mjs';

const MODULES = join(ROOT, 'node_modules');
/** Lies where an installation begins by deleting everything, and is written only when one is complete. */
const STAMP = join(MODULES, '.holdfast-complete');
/** Lies outside, so that installing does not delete it. */
const LOCK = join(ROOT, '.holdfast', 'dependencies.lock');

/** Installs exactly what package-lock.json names, unless that is what is installed. */
export async function installDependencies() {
  const lockText = await readFile(join(ROOT, 'package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(`${process.platform}-${process.arch}\n${lockText}`).digest('hex');
  if (await isInstalled(wanted, lockText)) return;
  try {
    await withLock(LOCK, async () => {
      if (!(await isInstalled(wanted, lockText))) await install(wanted);
    }, { onWait: ({ pid }) => announce(`Another start (process ${pid}) is installing the dependencies; waiting for it.`) });
  } catch (error) {
    if (error instanceof LockTimeoutError) throw new Problem(error.message, 'If nothing else is installing here, delete that file and start again.');
    throw error;
  }
}

async function isInstalled(wanted, lockText) {
  if ((await readFile(STAMP, 'utf8').catch(() => '')) === wanted) return true;
  // Somebody may have installed with npm itself, which is as good when it was the same and came to its end.
  const installed = await readFile(join(MODULES, '.package-lock.json'), 'utf8').catch(() => undefined);
  if (installed === undefined || !isComplete(JSON.parse(lockText), JSON.parse(installed))) return false;
  await writeFile(STAMP, wanted);
  return true;
}

/** Whether what npm recorded at the end of its last installation is all that the lock file wants for this platform. */
export function isComplete(lock, installed) {
  return Object.entries(lock.packages).every(([path, { version, integrity, optional, devOptional, link }]) => {
    if (!path.includes('node_modules/') || link) return true;
    const found = installed.packages[path];
    if (found === undefined) return optional === true || devOptional === true;
    return found.version === version && found.integrity === integrity;
  });
}

async function install(stamp) {
  announce('Installing the dependencies (once, about a minute).');
  let finished = false;
  try {
    const { ok, output } = await runStep('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000']);
    if (!ok) throw installProblem(output);
    await writeFile(STAMP, stamp);
    finished = true;
  } finally {
    // Half of the dependencies are of no use to anybody; a working set was gone when npm began.
    if (!finished && existsSync(MODULES)) await rm(MODULES, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const NETWORK_CODES = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_[A-Z_]+)\b/;

export function installProblem(output) {
  const network = NETWORK_CODES.exec(output)?.[1];
  if (network !== undefined) {
    return new Problem(`npm could not reach its package registry (${network}). Nothing was installed.`, 'Check the network, proxy and registry settings ("npm config get registry", "npm config get proxy") and start again.');
  }
  if (/\bENOSPC\b/.test(output)) return new Problem('The disk is full. Nothing was installed.', 'Make room (about 1 GB) and start again.');
  return new Problem(`npm could not install the dependencies:\n${output.trim()}`, 'See what npm says above; nothing was left half-installed.');
}
