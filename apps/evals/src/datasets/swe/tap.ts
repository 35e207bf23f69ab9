/** What became of each test of a run in TAP (https://testanything.org), by its name; a name that two tests have passed only when both did. */
export function readTap(output: string): ReadonlyMap<string, boolean> {
  const results = new Map<string, boolean>();
  for (const line of output.split('\n')) {
    const found = /^\s*(not )?ok \d+(?: - (.*?))?(?: # (SKIP|TODO)\b.*)?\s*$/i.exec(line);
    if (found === null) continue;
    const [, failed, name = '', directive] = found;
    // What was skipped or is to be done was not shown to work.
    results.set(name, failed === undefined && directive === undefined && results.get(name) !== false);
  }
  return results;
}
