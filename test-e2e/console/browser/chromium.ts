import { access, constants } from 'node:fs/promises';
import { chromium, type Browser } from 'playwright-core';
import { HoldfastError } from '@holdfast/contracts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/** Nothing but the gateway is to be asked: without these, a browser looks for updates and its maker's hosts at each start. */
const FLAGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Starts the machine's own Chromium without a window. Rejects with `browser.missing` where there is none: no test of a browser is ever left out. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await locate(), args: FLAGS, headless: true, handleSIGINT: false, handleSIGTERM: false });
}

async function locate(): Promise<string> {
  const named = process.env['CHROMIUM_PATH']?.trim() ?? '';
  for (const path of named === '' ? PLACES : [named]) {
    if (await isExecutable(path)) return path;
  }
  throw new HoldfastError({
    code: 'browser.missing',
    message: named === '' ? 'There is no Chromium on this machine, and the console is tested in a real one.' : `CHROMIUM_PATH names ${named}, which cannot be run.`,
    retryable: false,
    remedy: 'Install it (Debian and Ubuntu: apt-get install chromium), or name one with CHROMIUM_PATH.',
  });
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}
