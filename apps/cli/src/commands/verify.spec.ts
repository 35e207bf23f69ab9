import { describe, expect, it } from '@jest/globals';
import { holdfastAt } from './scripted-gateway.fixture.js';

const sound = { holds: true, commits: 4, permits: { checked: 1, unchecked: 0 }, checkpoints: 1, findings: [] };
const broken = { check: 'permit', runId: 'r2', commit: 2, problem: 'call c1-1 of pay: The permit was not signed by policy.\u001b[2J (permit.forged)', remedy: 'Find out who had its credentials.' };
const part = (findings: readonly object[], partition: number, next?: string): object => ({ ...sound, findings, holds: findings.length === 0, runs: 1, erased: 0, position: { partition, partitions: 2, sequence: 4, last: 4 }, ...(next === undefined ? {} : { next }) });

describe('holdfast verify', () => {
  it('finds a run sound and ends with 0', async () => {
    const { code, out, asked } = await holdfastAt(() => Response.json({ ...sound, runId: 'r1', erased: false }), ['verify', 'r1']);

    expect([code, out]).toEqual([0, 'Sound: 1 run, 4 commits, 1 checkpoints, 1 permits.\n']);
    expect(asked.map(({ path }) => path)).toEqual(['/v1/runs/r1/verification']);
  });

  it('goes through all parts, tells what is broken, where and what to do, and ends with 1', async () => {
    const { code, out, asked } = await holdfastAt(({ path }) => Response.json(path.includes('cursor') ? part([broken], 1) : part([], 0, '1.1')), ['verify', 'all']);

    expect(code).toBe(1);
    expect(out).toBe('BROKEN permit: run r2, commit 2: call c1-1 of pay: The permit was not signed by policy. [2J (permit.forged)\n  What to do: Find out who had its credentials.\nNOT sound: 2 runs, 8 commits, 2 checkpoints, 2 permits.\n');
    expect(asked.map(({ path }) => path)).toEqual(['/v1/verification', '/v1/verification?cursor=1.1']);
  });

  it('gives the same to programs as JSON, and goes on where an earlier check was broken off', async () => {
    const { code, out, asked } = await holdfastAt(() => Response.json(part([broken], 1)), ['verify', 'all', '--from', '1.1', '--json']);

    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ holds: false, runs: 1, findings: [{ check: 'permit', runId: 'r2', commit: 2 }], more: 0 });
    expect(asked.map(({ path }) => path)).toEqual(['/v1/verification?cursor=1.1']);
  });

  it('says how many permits nobody could check, and ends with 2 where it is not understood', async () => {
    const { code, out } = await holdfastAt(() => Response.json({ ...sound, runId: 'r1', erased: false, permits: { checked: 0, unchecked: 3 } }), ['verify', 'r1']);

    expect([code, (await holdfastAt(() => Response.json({}), ['verify'])).code]).toEqual([0, 2]);
    expect(out).toContain('3 permits were not checked');
  });
});
