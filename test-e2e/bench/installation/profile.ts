import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stack } from '@holdfast/deploy';
import { namesOf } from './all-services.ts';
import { Inspector } from './inspector.ts';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 30;

/**
 * Records a processor profile of every service while something runs. Each becomes a `.cpuprofile` in the folder, for
 * Chromium's tools, and a text with the functions that used most time themselves.
 */
export async function profiled<T>(stack: Stack, folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  const inspectors = await Promise.all(namesOf(stack).map(async (name) => ({ name, inspector: await Inspector.open(stack, name) })));
  for (const { inspector } of inspectors) {
    await inspector.ask('Profiler.enable');
    await inspector.ask('Profiler.start');
  }
  const result = await work();
  for (const { name, inspector } of inspectors) {
    const { profile } = await inspector.ask<{ profile: Profile }>('Profiler.stop');
    inspector.close();
    await writeFile(join(folder, `${name}.cpuprofile`), JSON.stringify(profile));
    await writeFile(join(folder, `${name}.txt`), summaryOf(profile));
  }
  return result;
}

/** Milliseconds of their own by function, most first; and their share of the time that was not idle. */
function summaryOf({ nodes, samples, timeDeltas }: Profile): string {
  const names = new Map(nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [id, `${functionName || '(anonymous)'} ${url.replace(/^.*\/((?:node_modules|apps|libs)\/)/, '$1')}:${lineNumber + 1}`]));
  const own = new Map<string, number>();
  for (const [index, sample] of samples.entries()) {
    const name = names.get(sample) ?? '(unknown)';
    own.set(name, (own.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  }
  const idle = [...own].filter(([name]) => name.startsWith('(idle)')).reduce((sum, [, ms]) => sum + ms, 0);
  const busy = [...own.values()].reduce((sum, ms) => sum + ms, 0) - idle;
  const lines = [...own].filter(([name]) => !name.startsWith('(idle)')).sort(([, a], [, b]) => b - a).slice(0, SHOWN).map(([name, ms]) => `${ms.toFixed(1).padStart(9)} ms ${((100 * ms) / busy).toFixed(1).padStart(5)} %  ${name}`);
  return `${busy.toFixed(0)} ms busy, ${idle.toFixed(0)} ms idle\n${lines.join('\n')}\n`;
}
