import { mkdir, open, readFile, realpath, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { ToolError, type CallContext } from '@holdfast/tool-sdk';
import { runChild, type ChildResult } from './children.js';

const GIT_MS = 60_000;
const GIT_OUTPUT_BYTES = 256 * 1024;

export interface TreesSettings {
  /** The repository that runs work on. It is not touched, but for git's own list of work trees. */
  readonly repository: string;
  /** The commit, branch or tag that each run starts from. */
  readonly base: string;
  /** The folder for the runs' work trees and their notes; on one volume for all workers of this adapter. */
  readonly folder: string;
  /** Whom the trees belong to, where we are root. */
  readonly user: number | undefined;
}

/** A work tree for each run, so that runs never meet in a file. It is made when the run's first call needs it. */
export class RunTrees {
  private readonly made = new Map<string, Promise<string>>();

  constructor(private readonly settings: TreesSettings) {}

  /** The tree of the run that a call belongs to. Throws `workspace.no-tree` (not done, may be tried again). */
  treeOf({ tenant, runId }: Pick<CallContext, 'tenant' | 'runId'>): Promise<string> {
    const name = `${tenant}.${runId}`;
    const known = this.made.get(name) ?? this.make(name).catch((error: unknown) => {
      this.made.delete(name);
      throw error;
    });
    this.made.set(name, known);
    return known;
  }

  /** git in a tree, without whatever a repository could make it run. */
  git(tree: string, args: readonly string[], signal: AbortSignal, timeoutMs = GIT_MS): Promise<ChildResult> {
    const safe = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'diff.external=', '-c', 'protocol.allow=never', '-c', 'submodule.recurse=false'];
    return runChild('git', [...safe, '-C', tree, ...args], { env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C.UTF-8' }, signal, timeoutMs, outputBytes: GIT_OUTPUT_BYTES });
  }

  /** What an operation noted that its file will be; undefined when it has noted nothing. */
  async noted(tenant: string, operationKey: string): Promise<string | undefined> {
    return readFile(this.noteFile(tenant, operationKey), 'utf8').catch(() => undefined);
  }

  async note(tenant: string, operationKey: string, sha256: string): Promise<void> {
    const file = this.noteFile(tenant, operationKey);
    await mkdir(join(this.settings.folder, 'notes'), { recursive: true, mode: 0o700 });
    const temporary = await open(`${file}.new`, 'w', 0o600);
    await temporary.writeFile(sha256).then(() => temporary.sync()).finally(() => temporary.close());
    await rename(`${file}.new`, file);
  }

  private noteFile(tenant: string, operationKey: string): string {
    return join(this.settings.folder, 'notes', `${tenant}.${operationKey}`);
  }

  private async make(name: string): Promise<string> {
    const { repository, base, folder, user } = this.settings;
    await mkdir(folder, { recursive: true });
    const tree = join(await realpath(folder), name);
    const isThere = (): Promise<boolean> => stat(join(tree, '.git')).then(() => true, () => false);
    if (await isThere()) return tree;
    const added = await this.git(repository, ['worktree', 'add', '--detach', '--force', tree, base], new AbortController().signal);
    // Another worker may have been quicker.
    if (added.exitCode !== 0 && !(await isThere())) throw ToolError.notDone({ code: 'workspace.no-tree', message: `The work tree "${name}" cannot be made from "${base}": ${added.stderr.text.trim()}`, remedy: 'Check the repository, the base and the folder of the work trees.' });
    if (user !== undefined) await runChild('chown', ['-R', '-h', `${user}:${user}`, tree], { env: { PATH: '/usr/bin:/bin' }, signal: new AbortController().signal, timeoutMs: GIT_MS, outputBytes: 1_000 });
    return tree;
  }
}

/** Throws `workspace.repository-invalid`. */
export async function requireRepository(trees: RunTrees, repository: string, base: string): Promise<void> {
  const found = await trees.git(repository, ['rev-parse', '--verify', '--end-of-options', `${base}^{commit}`], new AbortController().signal);
  if (found.exitCode !== 0) throw new HoldfastError({ code: 'workspace.repository-invalid', message: `"${repository}" is no git repository that has "${base}": ${found.stderr.text.trim()}`, retryable: false, remedy: 'Correct the path and the base.' });
}
