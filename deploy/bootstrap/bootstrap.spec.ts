import { describe, expect, it } from '@jest/globals';
import { installProblem, isComplete } from './dependencies.mjs';
import { isNewEnough, nodeFor, requirePlatform } from './platform.mjs';

const LOCK = {
  packages: {
    '': { version: '0.1.0' },
    'libs/run': { version: '0.1.0' },
    'node_modules/@holdfast/run': { link: true },
    'node_modules/one': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/one/node_modules/two': { version: '2.0.0', integrity: 'sha512-b' },
    'node_modules/node-darwin': { version: '24.0.0', integrity: 'sha512-c', optional: true },
  },
};
const INSTALLED = { packages: { 'node_modules/one': LOCK.packages['node_modules/one'], 'node_modules/one/node_modules/two': LOCK.packages['node_modules/one/node_modules/two'] } };

describe('an installation by npm itself', () => {
  it('is complete without the packages for other platforms', () => {
    expect(isComplete(LOCK, INSTALLED)).toBe(true);
  });

  it.each([
    ['a package is missing', { 'node_modules/one': LOCK.packages['node_modules/one'] }],
    ['a version differs', { ...INSTALLED.packages, 'node_modules/one': { version: '1.0.1', integrity: 'sha512-a' } }],
    ['the same version has other content', { ...INSTALLED.packages, 'node_modules/one': { version: '1.0.0', integrity: 'sha512-x' } }],
    ['an optional package has another version', { ...INSTALLED.packages, 'node_modules/node-darwin': { version: '23.0.0', integrity: 'sha512-c' } }],
  ])('is not complete when %s', (_what, packages) => {
    expect(isComplete(LOCK, { packages })).toBe(false);
  });
});

describe('what npm says when it fails', () => {
  it.each(['ENOTFOUND', 'ECONNREFUSED', 'ETIMEDOUT', 'SELF_SIGNED_CERT_IN_CHAIN'])('becomes one message about the network for %s', (code) => {
    const problem = installProblem(`npm error code ${code}\nnpm error errno ${code}\nnpm error a long explanation`);
    expect(problem.message).toBe(`npm could not reach its package registry (${code}). Nothing was installed.`);
    expect(problem.remedy).toMatch(/registry/);
  });

  it('is shown as it is otherwise', () => {
    expect(installProblem('npm error code EUSAGE\nnpm error Missing: a@1 from lock file\n').message).toContain('Missing: a@1 from lock file');
  });
});

describe('the machine', () => {
  it.each([['linux-x64', '20.0.0'], ['linux-arm64', '20.11.1'], ['darwin-arm64', '24.9.0'], ['darwin-x64', '25.0.0']])('may be %s with Node %s', (platform, version) => {
    expect(() => requirePlatform(platform, version)).not.toThrow();
  });

  it.each([['win32-x64', '24.21.0', /does not run on win32-x64/], ['linux-ia32', '24.21.0', /linux-ia32/], ['linux-x64', '18.20.0', /too old/], ['darwin-arm64', '24.8.0', /24\.9 or later/], ['darwin-x64', '22.1.0', /24\.9 or later/]])('may not be %s with Node %s', (platform, version, message) => {
    expect(() => requirePlatform(platform, version)).toThrow(message);
  });

  it('must have a Node that is new enough when no package brings one', () => {
    expect(nodeFor('plan9-x64', '24.9.0')).toBe(process.execPath);
    expect(() => nodeFor('plan9-x64', '20.0.0')).toThrow(/node-plan9-x64/);
    expect(['24.9.1', '24.10.0', '25.0.0'].every(isNewEnough)).toBe(true);
    expect(['24.8.9', '9.24.0'].some(isNewEnough)).toBe(false);
  });
});
