/** A file of the build, as Rolldown tells it. */
export interface Chunk {
  readonly fileName: string;
  readonly isEntry: boolean;
  /** Files that have to be there before this one runs. */
  readonly imports: readonly string[];
  /** Style sheets that it brings. */
  readonly styles: readonly string[];
  /** Where its code is from. */
  readonly moduleIds: readonly string[];
}

/** Files of the first view: the page itself, what it begins with, and the first thing that people look at, which is loaded after it. */
export function firstView(chunks: readonly Chunk[], firstPage: string): readonly string[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const found = new Set<string>(['index.html']);
  const take = (chunk: Chunk | undefined): void => {
    if (chunk === undefined || found.has(chunk.fileName)) return;
    found.add(chunk.fileName);
    for (const style of chunk.styles) found.add(style);
    for (const imported of chunk.imports) take(byName.get(imported));
  };
  const page = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(firstPage)));
  if (page === undefined) throw new TypeError(`the build has no ${firstPage}, so its first view cannot be measured`);
  for (const chunk of chunks) if (chunk.isEntry) take(chunk);
  take(page);
  return [...found];
}

/** Throws when the files are together larger than the limit in bytes; tells the sum otherwise. */
export function checkedSize(sizes: Readonly<Record<string, number>>, limit: number): number {
  const sum = Object.values(sizes).reduce((total, size) => total + size, 0);
  if (sum <= limit) return sum;
  const largest = Object.entries(sizes).sort(([, one], [, other]) => other - one).map(([name, size]) => `${name} ${size}`);
  throw new RangeError(`the first view is ${sum} bytes compressed and may be ${limit}: ${largest.join(', ')}. Load what is not seen first by import().`);
}
