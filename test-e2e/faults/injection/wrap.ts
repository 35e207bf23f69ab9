import { registerHooks } from 'node:module';
import type { Handle } from './failpoints.ts';

type Call = (this: unknown, ...args: unknown[]) => unknown;
/** Makes the function that takes the original's place. */
export type Wrapper = (original: Call) => Call;

const REGISTRY = '__holdfastChaosWrappers';
const wrappers: Wrapper[] = [];
(globalThis as Record<string, unknown>)[REGISTRY] = wrappers;

interface Wish extends Handle {
  readonly index: number;
}

/**
 * Puts wrappers around functions and methods of modules that are loaded later, by a few lines that are added to the end
 * of their source. A module in which the target is not declared exactly once cannot be loaded, so that a renamed function
 * shows at once and no fault is silently never inflicted.
 */
export class Wrapping {
  readonly #wishes: Wish[] = [];

  add(handle: Handle, wrapper: Wrapper): void {
    this.#wishes.push({ ...handle, index: wrappers.push(wrapper) - 1 });
  }

  install(): void {
    registerHooks({
      load: (url, context, next) => {
        const loaded = next(url, context);
        const wishes = this.#wishes.filter(({ module }) => url.endsWith(module));
        if (wishes.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
        const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source as Uint8Array);
        return { ...loaded, source: source + wishes.map((wish) => linesFor(source, wish, url)).join('') };
      },
    });
  }
}

/** The lines that put one wrapper in place. Throws where the source does not declare the target exactly once. */
export function linesFor(source: string, { target, index }: Pick<Wish, 'target' | 'index'>, url: string): string {
  const [owner = '', method] = target.split('.');
  const declaration = new RegExp(`(?:^|\\*/ )(?:export )?${method === undefined ? '(?:async )?function' : 'class'} ${owner}\\b`, 'gm');
  const count = [...source.matchAll(declaration)].length;
  if (count !== 1) throw new Error(`${url} declares "${target}" ${count} times, and once is needed: correct test-e2e/faults/injection.`);
  const wrapper = `globalThis.${REGISTRY}[${index}]`;
  if (method === undefined) return `\n${owner} = ${wrapper}(${owner});\n`;
  return `\nif (typeof ${owner}.prototype.${method} !== 'function') throw new Error('${target} is no method');\n${owner}.prototype.${method} = ${wrapper}(${owner}.prototype.${method});\n`;
}
