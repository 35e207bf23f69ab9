import { fileURLToPath } from 'node:url';

/** Node runs the sources: `.js` in a relative import is the `.ts` beside it. */
const hook = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve: (specifier, context, next) => next(specifier.startsWith('.') && specifier.endsWith('.js') && !context.parentURL?.includes('node_modules') ? specifier.slice(0, -3) + '.ts' : specifier, context) });
`)}`;

/** The arguments with which Node runs a program of this repository from its sources, in a process of its own. */
export function sourceProgram(url: URL): readonly string[] {
  return ['--no-warnings', '--experimental-transform-types', '--conditions=holdfast-source', '--import', hook, fileURLToPath(url)];
}
