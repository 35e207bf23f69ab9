import { describe, expect, it } from '@jest/globals';
import { runInForeground } from './run-in-foreground.js';

describe('a program in the foreground', () => {
  it.each<[string, number]>([['process.exit(7)', 7], ['', 0], ['process.kill(process.pid, "SIGKILL")', 137]])('that does %j ends as %d', async (does, code) => {
    expect(await runInForeground(process.execPath, ['-e', does])).toBe(code);
  });

  it('listens for signals while it runs, and no longer', async () => {
    const before = process.listenerCount('SIGHUP');
    const running = runInForeground(process.execPath, ['-e', 'process.kill(process.pid, "SIGHUP")']);
    expect(process.listenerCount('SIGHUP')).toBe(before + 1);
    expect(await running).toBe(129);
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });
});
