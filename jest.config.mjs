import { readFileSync } from 'node:fs';

const swcrc = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));
delete swcrc.exclude;

/** What all suites share: sources are compiled by swc and libraries resolve to their sources, not to `dist`. */
const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swcrc, swcrc: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['holdfast-source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.nx/'],
};

export default {
  // Most suites wait for brokers and processes more than they compute, so two share two cores well; Jest would take one.
  maxWorkers: 2,
  // Modules of every suite stay in a worker's memory; with gigabytes of them it stands still for seconds while it collects garbage,
  // and what is on time looks late.
  workerIdleMemoryLimit: '1GB',
  // Generous: these machines are shared, and no test asserts how long a thing takes.
  testTimeout: 240_000,
  reporters: ['default', '<rootDir>/test-e2e/closing-line.mjs'],
  projects: [
    // Fast, in one process each, no server but what a specification opens itself.
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{libs,apps,deploy,examples,test-e2e/{histories,simulation,bench,effects,agentdojo}}/**/*.spec.ts'] },
    // Against a real broker or a real database, started by the specification.
    { ...shared, displayName: 'contract', testMatch: ['<rootDir>/{libs,apps,deploy}/**/*.contract.ts'] },
    // Real processes, real broker, real database.
    // Benchmarks measure nothing useful beside other suites, and matrices without guarantees take minutes: HOLDFAST_LONG=1 takes them in.
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test-e2e/**/*.e2e.ts'], testPathIgnorePatterns: ['/node_modules/', ...(process.env['HOLDFAST_LONG'] === '1' ? [] : ['/test-e2e/bench/', '/test-e2e/reliability/'])] },
  ],
};
