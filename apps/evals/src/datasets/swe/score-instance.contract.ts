import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweInstance, type SweInstance } from './instance.js';
import { scoreInstance } from './score-instance.js';

const BASE = 'export const clamp = (value, low, high) => Math.max(low, value);\n';
const SOLVED = 'export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));\n';
const WRONG = 'export const clamp = (value, low, high) => high;\n';
const TESTS = "import test from 'node:test';\nimport assert from 'node:assert';\nimport { clamp } from './clamp.js';\ntest('keeps the low bound', () => assert.equal(clamp(1, 2, 3), 2));\n";
const MORE_TESTS = `${TESTS}test('keeps the high bound', () => assert.equal(clamp(9, 2, 3), 3));\n`;

describe('a change judged by the tests of an instance, in the real sandbox', () => {
  let root: string;
  let repository: string;
  let instance: SweInstance;
  let folders = 0;

  const git = (...args: readonly string[]): string => execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { encoding: 'utf8' });
  /** What turns the base into these files. */
  const changeOf = (files: Readonly<Record<string, string>>): string => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(repository, name), text);
    git('add', '--all');
    const change = git('diff', '--cached');
    git('reset', '-q', '--hard');
    return change;
  };
  const judged = async (patch: string): Promise<Record<string, boolean>> => {
    const verdicts = await scoreInstance({ instance, repository, patch, folder: join(root, `scoring-${(folders += 1)}`), test: ['node', '--test', '--test-reporter=tap'] });
    return Object.fromEntries(verdicts.map(({ scorer, passed }) => [scorer, passed]));
  };

  beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-swe-')));
    chmodSync(root, 0o755);
    repository = join(root, 'origin');
    mkdirSync(repository);
    for (const [name, text] of Object.entries({ 'clamp.js': BASE, 'clamp.test.js': TESTS, 'package.json': '{"type":"module"}\n' })) writeFileSync(join(repository, name), text);
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'base');
    instance = sweInstance.parse({
      instance_id: 'own__clamp-1', repo: 'own/clamp', base_commit: git('rev-parse', 'HEAD').trim(), problem_statement: 'The high bound is not kept.',
      patch: changeOf({ 'clamp.js': SOLVED }), test_patch: changeOf({ 'clamp.test.js': MORE_TESTS }), FAIL_TO_PASS: ['keeps the high bound'], PASS_TO_PASS: ['keeps the low bound'],
    });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('is solved by the change that is known to solve it', async () => expect(await judged(instance.patch)).toEqual({ 'fail-to-pass': true, 'pass-to-pass': true }));
  it('is not solved by nothing', async () => expect(await judged('')).toEqual({ 'fail-to-pass': false, 'pass-to-pass': true }));
  it('is not solved by a change that breaks what worked', async () => expect(await judged(changeOf({ 'clamp.js': WRONG }))).toEqual({ 'fail-to-pass': true, 'pass-to-pass': false }));
  it('is not solved by a change of the tests, nor by words that look like results', async () => {
    const said = `console.log('ok 9 - keeps the high bound');\n${BASE}`;
    expect(await judged(changeOf({ 'clamp.js': said, 'clamp.test.js': MORE_TESTS.replace('9, 2, 3), 3', '9, 2, 3), 9') }))).toEqual({ 'fail-to-pass': false, 'pass-to-pass': true });
  });
  it('is not solved by what does not apply', async () => expect(await judged('--- a/nothing.js\n+++ b/nothing.js\n@@ -1 +1 @@\n-a\n+b\n')).toEqual({ 'fail-to-pass': false, 'pass-to-pass': false }));
});
