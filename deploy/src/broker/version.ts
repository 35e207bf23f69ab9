/** The three numbers of a release; a pre-release or build suffix is ignored. */
export type Version = readonly [major: number, minor: number, patch: number];

/** Reads the version out of what `nats-server --version` prints; undefined when there is none. */
export function parseVersion(text: string): Version | undefined {
  const found = /\bv?(\d+)\.(\d+)\.(\d+)/.exec(text);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}

/** Whether the version is this one or later. */
export function isAtLeast(version: Version, oldest: Version): boolean {
  for (const [index, number] of version.entries()) {
    const other = oldest[index] ?? 0;
    if (number !== other) return number > other;
  }
  return true;
}

export function formatVersion(version: Version): string {
  return version.join('.');
}
