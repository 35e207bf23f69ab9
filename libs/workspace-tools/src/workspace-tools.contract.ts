import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ToolOutcome } from '@holdfast/contracts';
import { InMemoryEffectStore, Ledger, ToolGuards, executeCall, noFailpoints, type Failpoint, type Tool } from '@holdfast/tool-sdk';
import { workspaceTools } from './workspace-tools.js';

const digest = /^[0-9a-f]{64}$/;

describe('the tools of a work tree, on the real kernel', () => {
  let folder: string;
  let tools: readonly Tool[];
  let tree: string;
  let server: Server;
  let connections = 0;
  const store = new InMemoryEffectStore();
  let calls = 0;

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-workspace-')));
    chmodSync(folder, 0o755);
    const repository = join(folder, 'repository');
    mkdirSync(join(repository, 'src'), { recursive: true });
    writeFileSync(join(repository, 'src/main.txt'), 'one\ntwo\nthree\n');
    writeFileSync(join(repository, '.gitignore'), 'ignored\n');
    const git = (...args: readonly string[]): unknown => execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'base');
    writeFileSync(join(folder, 'secret'), 'the host\'s secret');
    server = createServer(() => { connections += 1; });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    tools = await workspaceTools({ repository, base: 'main', folder: join(folder, 'trees'), limits: { timeoutMs: 5_000, memoryBytes: 512 * 1024 ** 2, processes: 64, fileBytes: 4 * 1024 ** 2, outputBytes: 8_192 } });
    await call('list_files', {});
    tree = join(folder, 'trees', 'acme.run-1');
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const call = (name: string, args: unknown, more: { readonly runId?: string; readonly callId?: string; readonly redelivered?: boolean; readonly dieAt?: Failpoint } = {}): Promise<ToolOutcome> => {
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) throw new RangeError(name);
    calls += 1;
    const failpoints = more.dieAt === undefined ? noFailpoints : { hit: (point: Failpoint) => { if (point === more.dieAt) throw new Error('killed'); } };
    return executeCall({ tool, args, tenant: 'acme', runId: more.runId ?? 'run-1', callId: more.callId ?? `c${calls}`, ...(more.redelivered === true ? { redelivered: true } : {}) },
      { ledger: new Ledger({ store, owner: `worker-${calls}` }), guards: new ToolGuards(), random: () => 0, failpoints });
  };
  const resultOf = async (outcome: Promise<ToolOutcome>): Promise<Record<string, never>> => {
    const settled = await outcome;
    if (settled.status !== 'succeeded') throw new Error(JSON.stringify(settled));
    return settled.result as Record<string, never>;
  };
  const sh = (script: string, runId?: string) => resultOf(call('run_command', { command: ['sh', '-c', script] }, runId === undefined ? {} : { runId })) as Promise<unknown> as Promise<{ exitCode: number | null; timedOut: boolean; stdout: { text: string; bytes: number }; stderr: { text: string } }>;

  it('read, list, search and show changes', async () => {
    expect(await resultOf(call('read_file', { path: 'src/main.txt', firstLine: 2, lines: 1 }))).toMatchObject({ text: 'two', totalLines: 4, sha256: expect.stringMatching(digest) });
    expect(await resultOf(call('list_files', { below: 'src' }))).toEqual({ files: ['src/main.txt'], isCut: false });
    expect(await resultOf(call('search', { pattern: 't[wh]', isRegex: true }))).toMatchObject({ matches: { text: 'src/main.txt:2:two\nsrc/main.txt:3:three\n' } });
    expect(await resultOf(call('search', { pattern: 'nowhere' }))).toMatchObject({ matches: { text: '' } });
    expect(await call('read_file', { path: 'src/gone.txt' })).toMatchObject({ status: 'failed', failure: { code: 'workspace.no-such-file' } });
  });

  it('edit on a stated base, each run in a tree of its own', async () => {
    const before = await resultOf(call('read_file', { path: 'src/main.txt' }));
    const edited = await resultOf(call('edit_file', { path: 'src/main.txt', sha256: before['sha256'], oldText: 'two', newText: '2' }));
    expect(readFileSync(join(tree, 'src/main.txt'), 'utf8')).toBe('one\n2\nthree\n');
    expect(await call('edit_file', { path: 'src/main.txt', sha256: before['sha256'], oldText: 'one', newText: '1' })).toMatchObject({ status: 'failed', failure: { code: 'workspace.base-changed', message: expect.stringContaining(String(edited['sha256'])) } });
    expect(await call('edit_file', { path: 'src/main.txt', sha256: edited['sha256'], oldText: 'e', newText: 'E' })).toMatchObject({ failure: { code: 'workspace.edit-ambiguous' } });
    expect(await resultOf(call('write_file', { path: 'new/deep/file.txt', base: 'absent', text: 'x' }))).toMatchObject({ path: 'new/deep/file.txt' });
    expect(await call('write_file', { path: 'new/deep/file.txt', base: 'absent', text: 'y' })).toMatchObject({ failure: { code: 'workspace.base-changed' } });
    expect(await resultOf(call('show_changes', {}))).toMatchObject({ status: { text: expect.stringContaining('?? new/') }, difference: { text: expect.stringContaining('+2') } });
    expect(await resultOf(call('read_file', { path: 'src/main.txt' }, { runId: 'run-2' }))).toMatchObject({ text: 'one\ntwo\nthree\n' });
  });

  it.each(['after-claim', 'after-effect', 'after-outcome'] as const)('make one edit of one call, when the worker dies %s and the call comes again', async (dieAt) => {
    const path = `kill-${dieAt}.txt`;
    await resultOf(call('write_file', { path, base: 'absent', text: 'a b' }));
    const { sha256 } = await resultOf(call('read_file', { path }));
    const edit = { path, sha256, oldText: 'b', newText: 'b b' };
    await expect(call('edit_file', edit, { callId: `edit-${dieAt}`, dieAt })).rejects.toThrow('killed');
    expect(await call('edit_file', edit, { callId: `edit-${dieAt}`, redelivered: true })).toMatchObject({ status: 'succeeded' });
    expect(readFileSync(join(tree, path), 'utf8')).toBe('a b b');
  });

  it('lead nowhere outside, whatever path is asked for and whatever links there are', async () => {
    symlinkSync(join(folder, 'secret'), join(tree, 'link-to-file'));
    symlinkSync(folder, join(tree, 'link-to-folder'));
    symlinkSync('/nowhere/at/all', join(tree, 'dangling'));
    spawnSync('mkfifo', [join(tree, 'pipe')]);
    const names = fc.constantFrom('..', '.', '', 'link-to-file', 'link-to-folder', 'dangling', 'pipe', 'src', 'secret', '.git', '.GIT', '.g\u200bit', 'etc', 'passwd', 'main.txt', 'C:', 'trees', 'acme.run-2');
    const paths = fc.oneof(fc.array(names, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')), fc.constantFrom('/etc/passwd', '../../secret', 'link-to-folder/secret', 'link-to-file', '..\\secret', 'a\0b', '.git/config', 'src/../../secret'));
    await fc.assert(fc.asyncProperty(paths, async (path) => {
      const read = await call('read_file', { path });
      if (read.status === 'succeeded') expect(path.replace(/^\.\//, '')).toBe('src/main.txt');
      const written = await call('write_file', { path, base: 'absent', text: 'planted' });
      if (written.status === 'succeeded') rmSync(join(tree, path));
    }), { numRuns: 150 });
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('the host\'s secret');
    expect(readdirSync(folder).sort()).toEqual(['repository', 'secret', 'trees']);
    expect(existsSync('/nowhere')).toBe(false);
    for (const name of ['link-to-file', 'link-to-folder', 'dangling', 'pipe']) rmSync(join(tree, name));
  });

  it('run commands that see the tree, and change it', async () => {
    expect(await sh('pwd; cat src/main.txt | wc -l; echo made > made.txt; exit 3')).toMatchObject({ exitCode: 3, timedOut: false, stdout: { text: expect.stringMatching(/^\/work\n3\n$/) } });
    expect(readFileSync(join(tree, 'made.txt'), 'utf8')).toBe('made\n');
    await resultOf(call('write_file', { path: 'fresh/a.txt', base: 'absent', text: 'a' }));
    expect(await sh('echo b > fresh/b.txt && cat fresh/a.txt')).toMatchObject({ exitCode: 0, stdout: { text: 'a' } });
  });

  it('give commands no network', async () => {
    const { port } = server.address() as { port: number };
    const tried = await resultOf(call('run_command', { command: ['/bin/bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`] })) as unknown as { exitCode: number };
    expect(tried.exitCode).not.toBe(0);
    expect(connections).toBe(0);
  });

  it('show commands nothing of the host: no users\' files, no environment, no other process, no other run', async () => {
    process.env['HOLDFAST_CONTRACT_SECRET'] = 'do-not-leak';
    const seen = await sh(`env; ls -a / /root /home ${folder} ${join(folder, 'trees')} 2>&1; cat /etc/shadow ${join(folder, 'secret')} 2>&1; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; ls /proc | grep -c '^[0-9]'`);
    expect(seen.stdout.text).not.toMatch(/do-not-leak|the host's secret|root:.*:\$?|acme\.run-2|NODE_OPTIONS/);
    expect(seen.stdout.text).toMatch(/cat: \/etc\/shadow: No such file/);
  });

  it('let commands write nothing outside the tree and their own /tmp', async () => {
    const tried = await sh(`for place in / /usr /etc /usr/bin /dev; do echo x > $place/planted 2>/dev/null && echo wrote $place; done; ln -s ${folder} escape; echo x > escape/planted 2>/dev/null && echo wrote through; mount -t tmpfs tmpfs /usr 2>/dev/null && echo mounted; echo x > /tmp/mine && echo fine`);
    expect(tried.stdout.text).toBe('fine\n');
    expect(existsSync('/tmp/mine')).toBe(false);
    expect(existsSync(join(folder, 'planted'))).toBe(false);
  });

  it('end commands that take too long, with everything that they started', async () => {
    const ended = await sh('setsid sh -c "sleep 4711" & (sleep 4711 &) ; sleep 4711');
    expect(ended).toMatchObject({ timedOut: true });
    expect(spawnSync('ps', ['-eo', 'args']).stdout.toString()).not.toContain('sleep 4711');
    const daemon = await sh('setsid sh -c "sleep 4712" >/dev/null 2>&1 & exit 0');
    expect(daemon).toMatchObject({ exitCode: 0 });
    expect(spawnSync('ps', ['-eo', 'args']).stdout.toString()).not.toContain('sleep 4712');
  });

  it('bound what commands take: memory, processes, files and output', async () => {
    expect((await sh('head -c 1000000000 /dev/zero | tail')).exitCode).not.toBe(0);
    const forks = await sh('i=0; while [ $i -lt 200 ]; do sleep 3 & i=$((i+1)); done; echo all');
    expect(forks.stdout.text).not.toContain('all');
    expect((await sh('head -c 10000000 /dev/zero > big')).exitCode).not.toBe(0);
    const flood = await sh('yes | head -c 5000000');
    expect(flood.stdout).toMatchObject({ bytes: 5_000_000, text: expect.stringContaining('bytes are left out') });
    expect(flood.stdout.text.length).toBeLessThan(10_000);
  });
});
