/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/;
const LABEL = /([A-Za-z_]\w*)="((?:\\.|[^"\\])*)"(?:,|$)/gy;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n' };

/** Reads a service's metrics as Prometheus does. Throws where it would find the target down, or a line that it could not read. */
export async function scrape(url: string): Promise<readonly Sample[]> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200 || !response.headers.get('content-type')?.startsWith('text/plain')) throw new Error(`${url} answered ${response.status}: ${text}`);
  return parseExposition(text);
}

/** The samples of the text format 0.0.4, without what its comments say. */
export function parseExposition(text: string): readonly Sample[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (name === undefined) throw new Error(`This is no sample: ${line}`);
    return { name, labels: parseLabels(labels, line), value: numberOf(value, line) };
  });
}

function parseLabels(text: string, line: string): Record<string, string> {
  const found = [...text.matchAll(LABEL)];
  if (found.reduce((length, [all]) => length + all.length, 0) !== text.length) throw new Error(`These are no labels: ${line}`);
  return Object.fromEntries(found.map(([, key = '', value = '']) => [key, value.replace(/\\(.)/g, (_, character: string) => ESCAPED[character] ?? character)]));
}

function numberOf(text: string, line: string): number {
  const infinite = /^([+-]?)Inf$/.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  const value = Number(text);
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`This is no number: ${line}`);
  return value;
}
