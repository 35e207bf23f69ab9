import { constants } from 'node:fs';
import { copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

/**
 * A disk of its own for the broker: an ext4 file system in a file. What was not synced exists only in the kernel's memory
 * and not in that file, so a copy of the file is what a machine finds after its power was cut.
 *
 * Rounds run in a mount namespace of their own: when its last process is gone, so are mount and loop device.
 */
export class LoopDisk {
  readonly #folder: string;
  readonly #mountPoint: string;
  #cuts = 0;
  #image: string;

  private constructor(folder: string, mountPoint: string, image: string) {
    this.#folder = folder;
    this.#mountPoint = mountPoint;
    this.#image = image;
  }

  static async create(folder: string, mountPoint: string, megabytes: number): Promise<LoopDisk> {
    await mkdir(folder, { recursive: true });
    await mkdir(mountPoint, { recursive: true });
    const image = join(folder, 'disk-0.img');
    await writeFile(image, '');
    await truncate(image, megabytes * 1_048_576);
    await run('mkfs.ext4', ['-q', '-F', image]);
    const disk = new LoopDisk(folder, mountPoint, image);
    await disk.#mount();
    return disk;
  }

  /** Brings everything that was written so far to the disk, as the kernel does by itself in half a minute. */
  async sync(): Promise<void> {
    await run('sync', ['-f', this.#mountPoint]);
  }

  /**
   * The power fails now. Nobody may have files open any more: whoever wrote is to be killed first. Answers when the disk is
   * back with what had reached it, its journal recovered.
   */
  async cutPower(): Promise<void> {
    this.#cuts += 1;
    const copy = join(this.#folder, `disk-${this.#cuts}.img`);
    // Before anything else: what the kernel writes back from now on came too late.
    await copyFile(this.#image, copy, constants.COPYFILE_FICLONE);
    await run('umount', [this.#mountPoint]);
    await rm(this.#image);
    this.#image = copy;
    await this.#mount();
  }

  async remove(): Promise<void> {
    await run('umount', [this.#mountPoint]);
  }

  /** The journal's own commits are far apart, so that what survives was asked to be synced and did not just happen to be. */
  async #mount(): Promise<void> {
    await run('mount', ['-o', 'loop,commit=300', this.#image, this.#mountPoint]);
  }
}

/** A disk in memory, so small that it can be filled. */
export class SmallDisk {
  readonly #mountPoint: string;

  private constructor(mountPoint: string) {
    this.#mountPoint = mountPoint;
  }

  static async create(mountPoint: string, megabytes: number): Promise<SmallDisk> {
    await mkdir(mountPoint, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'chaos', mountPoint]);
    return new SmallDisk(mountPoint);
  }

  /** Takes all space that is left. */
  async fill(): Promise<void> {
    // `dd` says that the device is full, and that is what was wanted.
    await run('dd', ['if=/dev/zero', `of=${this.#ballast}`, 'bs=64k']).catch(() => undefined);
  }

  async free(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  async remove(): Promise<void> {
    await run('umount', [this.#mountPoint]);
  }

  get #ballast(): string {
    return join(this.#mountPoint, 'ballast');
  }
}
