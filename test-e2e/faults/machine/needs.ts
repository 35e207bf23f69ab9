import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';

/** What a fault needs of the machine beyond Node and the broker. */
export type Need = 'root' | 'nft' | 'ip' | 'strace' | 'mkfs.ext4' | 'losetup' | 'mount' | 'unshare';

const REMEDY: Readonly<Record<Need, string>> = {
  root: 'Run it as root, for example with `sudo npm run chaos`, or choose other faults with --faults.',
  nft: 'Install the package "nftables", or choose other faults with --faults.',
  ip: 'Install the package "iproute2", or choose other faults with --faults.',
  strace: 'Install the package "strace", or choose other faults with --faults.',
  'mkfs.ext4': 'Install the package "e2fsprogs", or choose other faults with --faults.',
  losetup: 'Install the package "mount" (util-linux), or choose other faults with --faults.',
  mount: 'Install the package "mount" (util-linux), or choose other faults with --faults.',
  unshare: 'Install the package "util-linux", or choose other faults with --faults.',
};

/**
 * Throws `chaos.unequipped`, which names each missing program or right and what to do: a fault that cannot be inflicted is
 * never left out silently.
 */
export function requireNeeds(needs: ReadonlyMap<Need, readonly string[]>, isThere: (need: Need) => boolean = isMet): void {
  const missing = [...needs].filter(([need]) => !isThere(need));
  if (missing.length === 0) return;
  const told = missing.map(([need, faults]) => `${need === 'root' ? 'the rights of root are missing' : `the program "${need}" is missing`} (for ${faults.join(', ')})`);
  throw new HoldfastError({ code: 'chaos.unequipped', message: `These faults cannot be inflicted here: ${told.join('; ')}.`, retryable: false, remedy: [...new Set(missing.map(([need]) => REMEDY[need]))].join(' ') });
}

function isMet(need: Need): boolean {
  if (need === 'root') return process.getuid?.() === 0;
  // Programs for administrators are often not on the path of others.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders.some((folder) => isExecutable(join(folder, need)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
