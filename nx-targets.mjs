import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Gives every package with a `src` folder the target `build`: swc compiles its sources to `dist`; Vite does where it is set up. */
export const createNodesV2 = [
  '{{apps,libs,examples}/*,deploy}/package.json',
  (files, _options, context) =>
    files.map((file) => [file, { projects: targetsOf(dirname(file), context.workspaceRoot) }]),
];

function targetsOf(root, workspaceRoot) {
  if (!existsSync(join(workspaceRoot, root, 'src'))) return {};
  if (existsSync(join(workspaceRoot, root, 'vite.config.ts'))) return { [root]: { root, targets: { build: pagesOf(root) } } };
  const up = root.split('/').map(() => '..').join('/');
  return {
    [root]: {
      root,
      targets: {
        build: {
          executor: 'nx:run-commands',
          options: { cwd: root, command: `swc src -d dist --strip-leading-paths --delete-dir-on-start --quiet --config-file ${up}/.swcrc` },
        },
      },
    },
  };
}

/** Pages for browsers. Types of the API are made of its description first, and the sources are checked by a configuration of their own: they know a browser and not Node. */
function pagesOf(root) {
  return {
    executor: 'nx:run-commands',
    inputs: ['{projectRoot}/**/*', '!{projectRoot}/{dist,generated}/**/*', '{workspaceRoot}/docs/reference/openapi.json', '{workspaceRoot}/tsconfig.json', '{workspaceRoot}/package-lock.json'],
    options: {
      cwd: root,
      parallel: false,
      commands: ['openapi-typescript ../../docs/reference/openapi.json --output generated/api.d.ts', 'tsc -p tsconfig.json', 'vite build --logLevel warn'],
    },
  };
}
