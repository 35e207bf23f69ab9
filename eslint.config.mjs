import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Which library may know which. What is not listed is an error: boundaries are part of the design (ARCHITECTURE.md). */
const specifications = ['@jest/globals', 'fast-check'];
const boundaries = [
  { sourceTag: 'scope:contracts', onlyDependOnLibsWithTags: [], allowedExternalImports: ['zod', ...specifications] },
  { sourceTag: 'scope:run', onlyDependOnLibsWithTags: ['scope:contracts'], allowedExternalImports: specifications },
  { sourceTag: 'scope:canary', onlyDependOnLibsWithTags: ['scope:contracts'], allowedExternalImports: specifications },
  { sourceTag: 'scope:declaration-files', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'scope:json-schema', onlyDependOnLibsWithTags: ['scope:contracts'] },
  { sourceTag: 'scope:policy-engine', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:json-schema'] },
  { sourceTag: 'scope:tool-sdk', onlyDependOnLibsWithTags: ['scope:declaration-files', 'scope:contracts', 'scope:json-schema'] },
  { sourceTag: 'scope:openapi-tools', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:json-schema', 'scope:tool-sdk'] },
  { sourceTag: 'scope:mcp-tools', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:json-schema', 'scope:tool-sdk'] },
  { sourceTag: 'scope:workspace-tools', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:tool-sdk'] },
  { sourceTag: 'scope:worker-tools', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:bus', 'scope:tool-sdk', 'scope:testing', 'scope:deploy'] },
  { sourceTag: 'scope:tool-registry', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:bus', 'scope:json-schema', 'scope:testing'] },
  { sourceTag: 'scope:budgets', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:bus', 'scope:testing'] },
  { sourceTag: 'scope:agent-sdk', onlyDependOnLibsWithTags: ['scope:declaration-files', 'scope:contracts', 'scope:json-schema'] },
  { sourceTag: 'scope:agent-registry', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:bus', 'scope:agent-sdk', 'scope:canary', 'scope:testing'] },
  { sourceTag: 'scope:observability', onlyDependOnLibsWithTags: ['scope:contracts'] },
  { sourceTag: 'scope:bus', onlyDependOnLibsWithTags: ['scope:contracts'] },
  { sourceTag: 'scope:data-keys', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:bus', 'scope:testing'] },
  { sourceTag: 'scope:event-log', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:run', 'scope:bus', 'scope:data-keys', 'scope:testing'] },
  { sourceTag: 'scope:service', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:bus', 'scope:data-keys', 'scope:event-log', 'scope:observability', 'scope:run'] },
  { sourceTag: 'scope:testing', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:bus', 'scope:deploy', 'scope:observability'] },
  { sourceTag: 'scope:deploy', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:tool-sdk', 'scope:agent-sdk'] },
  { sourceTag: 'scope:console', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib', 'scope:deploy'] },
  { sourceTag: 'type:example', onlyDependOnLibsWithTags: ['scope:contracts', 'scope:tool-sdk', 'scope:agent-sdk', 'scope:deploy'] },
  // The simulation runs the real logic of the apps, each through its Nest-free entry "./logic".
  { sourceTag: 'scope:test-e2e', onlyDependOnLibsWithTags: ['type:lib', 'type:app', 'scope:deploy', 'type:example'] },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', 'apps/console/generated/**'] },
  ...tseslint.configs.recommended,
  {
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'off',
      'no-restricted-syntax': ['error', { selector: 'ExportAllDeclaration', message: 'Name what you export; wildcard re-exports hide it.' }],
      'max-lines': ['error', { max: 260, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.{ts,tsx}', 'deploy/**/*.ts', 'examples/**/*.ts', 'test-e2e/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints: boundaries }] },
  },
  {
    // Contracts, the core and what judges canaries are pure: nothing of Node's, no clock, no chance, no framework.
    files: ['libs/contracts/src/**/*.ts', 'libs/run/src/**/*.ts', 'libs/canary/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.fixture.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*', '@nestjs/*', ...specifications], message: 'The core does no input or output and knows no framework.' }] }],
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch', 'performance', 'crypto'],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }, { object: 'Date', property: 'now' }],
      'no-restricted-syntax': ['error', { selector: "NewExpression[callee.name='Date']", message: 'The core has no clock.' }, { selector: 'ExportAllDeclaration', message: 'Name what you export.' }],
    },
  },
);
