import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Gives every package with a `src` folder the target `build`: swc compiles its sources to `dist`. */
export const createNodesV2 = [
  '{{apps,libs,examples}/*,deploy}/package.json',
  (files, _options, context) =>
    files.map((file) => [file, { projects: targetsOf(dirname(file), context.workspaceRoot) }]),
];

function targetsOf(root, workspaceRoot) {
  if (!existsSync(join(workspaceRoot, root, 'src'))) return {};
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
