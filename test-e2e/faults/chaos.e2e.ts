import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '@holdfast/deploy';
import { linesFor } from './injection/wrap.ts';
import { requireNeeds } from './machine/needs.ts';

const program = join(REPOSITORY, 'test-e2e', 'faults', 'chaos.ts');

function chaos(folder: string, ...args: readonly string[]): Promise<{ readonly code: number; readonly output: string; readonly summary: Record<string, unknown> }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], { cwd: REPOSITORY, env: { ...process.env, TMPDIR: folder, NODE_OPTIONS: '' }, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr, summary: last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {} });
    });
  });
}

describe('a chaos round', () => {
  it('kills services at four failpoints, ends with its figures on one line and leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-chaos-spec-'));
    const { code, output, summary } = await chaos(folder, '--rounds', '1', '--seed', '3', '--faults', 'kill-at-failpoints', '--instances', '1');
    const left = await readdir(folder);
    await rm(folder, { recursive: true });
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    expect(summary).toMatchObject({ rounds: 1, kills: 4, lost: 0, duplicates: 0, brokenPromises: 0, acknowledged: expect.any(Number), effects: expect.any(Number), recovery: { 'kill-at-failpoints': expect.any(Object) } });
    expect(left.filter((name) => name.startsWith('holdfast-'))).toEqual([]);
  });

  it('names the faults that there are when another is asked for', async () => {
    const { code, output } = await chaos(tmpdir(), '--faults', 'earthquake');
    expect({ code, output }).toEqual({ code: 2, output: expect.stringMatching(/no fault "earthquake"[^]*kill-broker, /) });
  });
});

describe('a machine that cannot inflict a fault', () => {
  it('is told what is missing, for which faults, and what to do', () => {
    const check = (): void => requireNeeds(new Map([['nft', ['partition']], ['root', ['partition', 'power-loss']]]), () => false);
    expect(check).toThrow(/"nft" is missing \(for partition\).*rights of root are missing \(for partition, power-loss\)/);
    expect(check).toThrow(expect.objectContaining({ code: 'chaos.unequipped', remedy: expect.stringContaining('nftables') }));
  });
});

describe('a failpoint', () => {
  it.each([
    ['nowhere', 'export function other() {}'],
    ['twice', 'function deliver() {}\nasync function deliver() {}'],
  ])('cannot be set where its function is declared %s', (_where, source) => {
    expect(() => linesFor(source, { target: 'deliver', index: 0 }, 'file:///planner.js')).toThrow(/declares "deliver" [02] times/);
  });
});
