import { mkdir, open, readFile, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { ToolError, type CallContext, type ToolLog } from '@holdfast/tool-sdk';
import { runChild, type ChildResult } from './children.js';
import { TreeUses } from './tree-uses.js';

const GIT_MS = 60_000;
const GIT_OUTPUT_BYTES = 256 * 1024;
const SWEEP_EVERY_MS = 3_600_000;
/** No run's tree is named like this: those have a dot. It is used at every start, and never removed. */
const TRIAL = 'trial';

export interface TreesSettings {
  /** The repository that runs work on. It is not touched, but for git's own list of work trees. */
  readonly repository: string;
  /** The commit, branch or tag that each run starts from. */
  readonly base: string;
  /** The folder for the runs' work trees and their notes; on one volume for all workers of this adapter. */
  readonly folder: string;
  /** Whom the trees belong to, where we are root. */
  readonly user: number | undefined;
  /** How long a tree and its notes are kept after the run's last call, in milliseconds. */
  readonly retentionMs: number;
  readonly now?: () => number;
}

type RunOf = Pick<CallContext, 'tenant' | 'runId'>;

const nameOf = ({ tenant, runId }: RunOf): string => `${tenant}.${runId}`;

/** A work tree for each run, so that runs never meet in a file. It is made when the run's first call needs it. */
export class RunTrees {
  private readonly uses: TreeUses;
  private readonly now: () => number;
  /** Trees that are being made: they must not be used before they are whole. */
  private readonly making = new Map<string, Promise<string>>();
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly settings: TreesSettings) {
    this.now = settings.now ?? Date.now;
    this.uses = new TreeUses({ folder: settings.folder, retentionMs: settings.retentionMs, now: this.now });
  }

  /** Makes the folders, and a tree to try things in. Throws `workspace.no-tree` and `workspace.not-locked`. */
  async prepare(): Promise<string> {
    // By itself, since commands pass through it and through nothing else of ours.
    await mkdir(this.settings.folder, { recursive: true });
    for (const part of ['notes', 'ended']) await mkdir(this.place(part), { recursive: true, mode: 0o700 });
    await this.uses.prepare();
    return this.make(TRIAL);
  }

  /**
   * The tree of the run that a call belongs to. Throws `workspace.no-tree` and `workspace.not-locked` (not done, may be tried
   * again), and `workspace.tree-removed` (refused): what the run did to its tree is gone, so it gets no fresh one to go on in.
   */
  async treeOf(call: RunOf & Pick<CallContext, 'log'>): Promise<string> {
    const name = nameOf(call);
    await this.uses.renew(name);
    this.sweepWhenDue(call.log);
    const tree = this.making.get(name) ?? this.make(name).finally(() => this.making.delete(name));
    this.making.set(name, tree);
    return tree;
  }

  /** Removes what has had its time, beside the calls, when that was not done for an hour. What fails is logged, and tried again then. */
  sweepWhenDue(log: ToolLog): void {
    if (this.now() - this.sweptAt < SWEEP_EVERY_MS) return;
    this.sweptAt = this.now();
    void this.sweep(log).catch((error: unknown) => log.warn({ err: error }, 'old work trees cannot be removed'));
  }

  /** Removes the trees and notes of runs that made no call for as long as they are kept. It finishes what an earlier one began and did not end. */
  async sweep(log: ToolLog): Promise<void> {
    await this.uses.endOld();
    for (const name of await readdir(this.settings.folder)) {
      if (name.includes('.') && (await this.uses.hasEnded(name))) await rename(this.place(name), this.place('ended', name)).catch(unlessGone);
    }
    for (const name of await readdir(this.place('ended'))) await this.remove(name).catch((error: unknown) => log.warn({ err: error, tree: name }, 'an old work tree cannot be removed'));
  }

  /** git in a tree, without whatever a repository could make it run. */
  git(tree: string, args: readonly string[], signal: AbortSignal, timeoutMs = GIT_MS): Promise<ChildResult> {
    const safe = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'diff.external=', '-c', 'protocol.allow=never', '-c', 'submodule.recurse=false'];
    return runChild('git', [...safe, '-C', tree, ...args], { env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C.UTF-8' }, signal, timeoutMs, outputBytes: GIT_OUTPUT_BYTES });
  }

  /** What an operation noted that its file will be; undefined when it has noted nothing. */
  async noted(run: RunOf, operationKey: string): Promise<string | undefined> {
    return readFile(this.place('notes', nameOf(run), operationKey), 'utf8').catch(() => undefined);
  }

  async note(run: RunOf, operationKey: string, sha256: string): Promise<void> {
    const file = this.place('notes', nameOf(run), operationKey);
    await mkdir(this.place('notes', nameOf(run)), { recursive: true, mode: 0o700 });
    const temporary = await open(`${file}.new`, 'w', 0o600);
    await temporary.writeFile(sha256).then(() => temporary.sync()).finally(() => temporary.close());
    await rename(`${file}.new`, file);
  }

  private place(...parts: readonly string[]): string {
    return join(this.settings.folder, ...parts);
  }

  private async remove(name: string): Promise<void> {
    const signal = new AbortController().signal;
    // git forgets a tree that is not there any more; where it does not know this one, nothing is left to forget.
    await this.git(this.settings.repository, ['worktree', 'remove', '--force', join(await realpath(this.settings.folder), name)], signal);
    await rm(this.place('notes', name), { recursive: true, force: true });
    // Commands may have taken away our own right to look into a directory.
    await runChild('chmod', ['-R', 'u+rwX', this.place('ended', name)], { env: { PATH: '/usr/bin:/bin' }, signal, timeoutMs: GIT_MS, outputBytes: 1_000 });
    await rm(this.place('ended', name), { recursive: true, force: true });
  }

  private async make(name: string): Promise<string> {
    const { repository, base, folder, user } = this.settings;
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

/** Another worker may have been quicker. */
function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Throws `workspace.repository-invalid`. */
export async function requireRepository(trees: RunTrees, repository: string, base: string): Promise<void> {
  const found = await trees.git(repository, ['rev-parse', '--verify', '--end-of-options', `${base}^{commit}`], new AbortController().signal);
  if (found.exitCode !== 0) throw new HoldfastError({ code: 'workspace.repository-invalid', message: `"${repository}" is no git repository that has "${base}": ${found.stderr.text.trim()}`, retryable: false, remedy: 'Correct the path and the base.' });
}
