import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './problem.mjs';
import { ROOT } from './root.mjs';

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];
const OLDEST_NODE = [24, 9];

/** Refuses a machine on which nothing would work, before anything is installed. */
export function requirePlatform(platform = `${process.platform}-${process.arch}`, version = process.versions.node) {
  if (!PLATFORMS.includes(platform)) {
    throw new Problem(`Holdfast does not run on ${platform} without a container engine.`, 'Use Linux or macOS on x64 or arm64 (on Windows: inside WSL), or deploy/docker.');
  }
  if (Number(version.split('.')[0]) < 20) throw new Problem(`Node ${version} is too old even to install with.`, 'Install Node 24 (or at least 20 on Linux) and start again.');
  // For Linux a package brings Node 24; for macOS there is none.
  if (platform.startsWith('darwin') && !isNewEnough(version)) {
    throw new Problem(`Node ${OLDEST_NODE.join('.')} or later is needed; this is ${version}.`, 'Install the current Node 24, for example with "brew install node@24", "nvm install 24" or from the Node.js site, and start again.');
  }
}

/** The Node to run with: the one that the dependencies brought, else our own where it is new enough. */
export function nodeFor(platform = `${process.platform}-${process.arch}`, version = process.versions.node) {
  const brought = join(ROOT, 'node_modules', `node-${platform}`, 'bin', 'node');
  if (existsSync(brought)) return brought;
  if (isNewEnough(version)) return process.execPath;
  throw new Problem(`Node ${OLDEST_NODE.join('.')} or later is needed; this is ${version}, and the package node-${platform} that brings it was not installed.`, 'Look whether npm is told to leave out optional packages ("npm config get omit"), or install Node 24, and start again.');
}

export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}
