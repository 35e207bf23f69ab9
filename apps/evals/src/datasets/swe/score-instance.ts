import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HoldfastError } from '@holdfast/contracts';
import { silentLog } from '@holdfast/tool-sdk';
import { workspaceTools } from '@holdfast/workspace-tools';
import { fail, pass, type Verdict } from '../../scoring/verdict.js';
import type { SweInstance } from './instance.js';
import { readTap } from './tap.js';

const run = promisify(execFile);
const TEST_MS = 120_000;
const OUTPUT_BYTES = 4 * 1024 ** 2;
/** Runtimes with just-in-time compilers reserve far more addresses than they use memory. */
const ADDRESS_BYTES = 64 * 1024 ** 3;

export interface InstanceScoring {
  readonly instance: SweInstance;
  /** A repository that has the base commit. It is only read. */
  readonly repository: string;
  /** The agent's change, as `git diff` writes it. */
  readonly patch: string;
  /** An empty folder that nobody else uses; whoever made it removes it. */
  readonly folder: string;
  /** The command that runs the tests and tells their results in TAP. */
  readonly test: readonly string[];
  /** Folders beyond /usr that it needs to read. */
  readonly readable?: readonly string[];
}

/**
 * Judges a change by the instance's tests, in a work tree of its own and in the sandbox of the workspace tools: no network, nothing else of the
 * machine, bounded. The tests' files are put back to the base first, so that no change of theirs by the agent counts. One verdict
 * for `FAIL_TO_PASS` and one for `PASS_TO_PASS`. Throws `swe.base-unknown`, `swe.test-patch-invalid`, and what `workspaceTools` throws.
 */
export async function scoreInstance(given: InstanceScoring): Promise<readonly Verdict[]> {
  const { instance, folder, patch } = given;
  const clone = join(folder, 'repository');
  await mkdir(folder, { recursive: true });
  // The sandbox's user has to come through.
  await chmod(folder, 0o755);
  await gitIn(folder, 'clone', '-q', '--no-hardlinks', '--no-checkout', given.repository, clone);
  await gitIn(clone, 'checkout', '-q', '--detach', instance.base_commit).catch((cause: unknown) => {
    throw new HoldfastError({ code: 'swe.base-unknown', message: `"${given.repository}" has no commit ${instance.base_commit}.`, retryable: false, remedy: 'Name the repository that the instance was made of.', cause });
  });
  if (!(await applies(clone, folder, patch))) return both(instance, (scorer) => fail(scorer, 'the change does not apply to the base commit'));
  await putBack(clone, instance);
  if (!(await applies(clone, folder, instance.test_patch))) throw new HoldfastError({ code: 'swe.test-patch-invalid', message: `The test_patch of "${instance.instance_id}" does not apply to its base commit.`, retryable: false, remedy: 'Correct the instance.' });
  await gitIn(clone, 'add', '--all', '--force');
  await gitIn(clone, 'commit', '-q', '--no-verify', '--allow-empty', '-m', 'What is judged');
  const results = readTap(await testOutput(given, clone));
  return both(instance, (scorer, names) => {
    const broken = names.filter((name) => results.get(name) !== true);
    return broken.length === 0 ? pass(scorer, `${names.length} tests passed`) : fail(scorer, broken.map((name) => `"${name}" ${results.has(name) ? 'failed' : 'did not run'}`).join(', '));
  });
}

function both({ FAIL_TO_PASS: failing, PASS_TO_PASS: passing }: SweInstance, verdict: (scorer: string, names: readonly string[]) => Verdict): readonly Verdict[] {
  return [verdict('fail-to-pass', failing), verdict('pass-to-pass', passing)];
}

async function testOutput({ folder, test, readable = [] }: InstanceScoring, repository: string): Promise<string> {
  const limits = { timeoutMs: TEST_MS, memoryBytes: ADDRESS_BYTES, outputBytes: OUTPUT_BYTES };
  const tools = await workspaceTools({ repository, base: 'HEAD', folder: join(folder, 'trees'), readable, limits });
  const command = tools.find(({ name }) => name === 'run_command');
  const context = { tenant: 'evals', runId: 'scoring', callId: 'tests', attempt: 1, signal: AbortSignal.timeout(2 * TEST_MS), deadline: Date.now() + 2 * TEST_MS, traceHeaders: {}, log: silentLog };
  const { stdout } = await command?.execute({ command: test }, context) as { readonly stdout: { readonly text: string } };
  return stdout.text;
}

/** The files that the test patch is about, as they are in the base commit; those that are not there are removed. */
async function putBack(clone: string, { base_commit: base, test_patch: patch }: SweInstance): Promise<void> {
  const files = [...patch.matchAll(/^(?:---|\+\+\+) [ab]\/(.+?)\t?$/gm)].flatMap(([, file]) => (file === undefined ? [] : [file]));
  for (const file of new Set(files)) {
    await gitIn(clone, 'rm', '-rfq', '--ignore-unmatch', '--', file);
    await gitIn(clone, 'clean', '-fdxq', '--', file);
    await gitIn(clone, 'checkout', '-q', base, '--', file).catch(() => undefined);
  }
}

/** Nothing to be applied applies. git itself refuses paths outside the tree and behind links. */
async function applies(clone: string, folder: string, patch: string): Promise<boolean> {
  if (patch.trim() === '') return true;
  const file = join(folder, 'change.patch');
  await writeFile(file, patch.endsWith('\n') ? patch : `${patch}\n`);
  return gitIn(clone, 'apply', '--whitespace=nowarn', file).then(() => true, () => false);
}

async function gitIn(folder: string, ...args: readonly string[]): Promise<void> {
  // Nothing of the machine's configuration, and no hook or filter that a repository brings, decides what is done here.
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: folder, GIT_TERMINAL_PROMPT: '0' };
  await run('git', ['-C', folder, '-c', 'core.hooksPath=/dev/null', '-c', 'user.name=evals', '-c', 'user.email=evals@localhost', ...args], { env, timeout: TEST_MS, maxBuffer: OUTPUT_BYTES });
}
