import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { checkedSize, firstView } from './build/first-view.js';

/** Bytes, with Brotli. Whoever looks for the first time, over a bad line, waits for these. */
const FIRST_VIEW_LIMIT = 200_000;

export default defineConfig({
  base: '/console/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
  plugins: [compressed(), bounded()],
});

/** Writes each text beside itself as Brotli and gzip, once and as small as can be, so that the gateway compresses nothing while it serves. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir = '' }) {
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg)$/.test(name)) continue;
        const path = join(dir, name);
        const text = readFileSync(path);
        writeFileSync(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }));
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
      }
    },
  };
}

/** Fails a build whose first view has grown over its limit. */
function bounded(): Plugin {
  return {
    name: 'bounded',
    apply: 'build',
    writeBundle({ dir = '' }, bundle) {
      const chunks = Object.values(bundle).flatMap((output) => (output.type === 'chunk' ? [{ ...output, styles: [...(output.viteMetadata?.importedCss ?? [])] }] : []));
      const sizes = Object.fromEntries(firstView(chunks, '/runs/runs-page.tsx').map((name) => [name, statSync(join(dir, `${name}.br`)).size]));
      process.stdout.write(`first view: ${checkedSize(sizes, FIRST_VIEW_LIMIT)} bytes compressed\n`);
    },
  };
}
