import { mkdir, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '@holdfast/tool-sdk';
import { underLock } from './lock.js';

export interface TreeUsesSettings {
  readonly folder: string;
  /** How long a tree is kept after its last use, in milliseconds; at least twice as long as a call may take. */
  readonly retentionMs: number;
  readonly now: () => number;
}

/**
 * When each run's work tree was used last, for all workers on the volume: an empty file a run, whose time of change it is. What
 * happens in the tree itself says nothing, since its commands may set every time in it. The file of a run whose tree has
 * had its time stays as the word that it ended, for as long as a call of that run may come again.
 */
export class TreeUses {
  constructor(private readonly settings: TreeUsesSettings) {}

  async prepare(): Promise<void> {
    for (const part of ['uses', 'removed']) await mkdir(this.place(part), { recursive: true, mode: 0o700 });
    await underLock(this.place('lock'), async () => undefined);
  }

  /**
   * Says that a tree is used from now on. Throws `workspace.tree-removed` (refused), and `workspace.not-locked` (not done).
   * Only a use that is old or the first needs the lock: nobody ends a tree before its last use is twice as old as that.
   */
  async renew(name: string): Promise<void> {
    const { retentionMs } = this.settings;
    if ((await this.ageOf(name)) < retentionMs / 2) return this.mark(name);
    await underLock(this.place('lock'), async () => {
      if (await this.hasEnded(name)) throw ToolError.refused({ code: 'workspace.tree-removed', message: `The work tree of this run was removed, since it was not used for ${retentionMs / 3_600_000} hours.`, remedy: 'Begin again in a new run.' });
      await writeFile(this.place('uses', name), '', { mode: 0o600 });
      await this.mark(name);
    });
  }

  /** Ends the trees that were not used for too long. From then on no call gets one of them, nor another in its place. */
  async endOld(): Promise<void> {
    for (const name of await readdir(this.place('uses'))) {
      if (!(await this.isOld(name))) continue;
      // Somebody may have used it since, and then had the lock.
      await underLock(this.place('lock'), async () => void ((await this.isOld(name)) && (await rename(this.place('uses', name), this.place('removed', name)))));
    }
  }

  async hasEnded(name: string): Promise<boolean> {
    return stat(this.place('removed', name)).then(() => true, (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    });
  }

  private async isOld(name: string): Promise<boolean> {
    const age = await this.ageOf(name);
    return age >= this.settings.retentionMs && age < Number.POSITIVE_INFINITY;
  }

  /** In milliseconds since the last use; infinite when there was none. */
  private async ageOf(name: string): Promise<number> {
    return stat(this.place('uses', name)).then(({ mtimeMs }) => this.settings.now() - mtimeMs, () => Number.POSITIVE_INFINITY);
  }

  private async mark(name: string): Promise<void> {
    const at = this.settings.now() / 1_000;
    await utimes(this.place('uses', name), at, at);
  }

  private place(...parts: readonly string[]): string {
    return join(this.settings.folder, ...parts);
  }
}
