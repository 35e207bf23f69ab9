import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Gateway } from '../gateway.js';
import { run } from '../program.js';

const [v1, v2] = [`a1b2${'0'.repeat(60)}`, `a1ff${'0'.repeat(60)}`];
const payer = {
  name: 'payer', deployed: v2, route: { shares: [{ digest: v1, weight: 1 }], by: 'ada', comment: 'until v2 is tried', at: 0, sequence: 7 },
  versions: [{ digest: v1, by: 'deployment', publishedAt: 0, percent: 100, running: 3 }, { digest: v2, by: 'bob', publishedAt: 0, percent: 0, running: 0, revoked: { by: 'ada', reason: 'pays\u001b[2J twice', at: 0 } }],
};

/** A command line against a gateway that answers each path as it is told. */
async function holdfast(args: readonly string[], answers: Readonly<Record<string, unknown>> = {}) {
  const asked: { readonly path: string; readonly body: unknown }[] = [];
  const [out, err]: [string[], string[]] = [[], []];
  const send = (async ({ pathname }: URL, init: RequestInit) => {
    if (init.body !== undefined) asked.push({ path: pathname, body: JSON.parse(String(init.body)) });
    return Response.json({ '/v1/agents': { agents: [payer] }, '/v1/agents/payer': payer, ...answers }[pathname] ?? {}, { status: 200 });
  }) as unknown as typeof fetch;
  const code = await run(args, { gateway: () => new Gateway({ url: 'http://gateway.invalid', key: 'k' }, send), terminal: { out: (line) => out.push(line), write: (text) => out.push(text) } }, (line) => err.push(line));
  return { code, asked, out: out.join('\n'), err: err.join('\n') };
}

describe('holdfast agents', () => {
  it('lists versions, what new tasks get, and what is revoked, in plain characters', async () => {
    const { code, out } = await holdfast(['agents']);
    expect(code).toBe(0);
    expect(out).toMatch(/payer +a1b200000000 +100% +3 +1970-01-01T00:00 by deployment/);
    expect(out).toMatch(/payer +a1ff00000000 +0% .*REVOKED by ada: pays \[2J twice/);
    expect((await holdfast(['agents', 'show', 'payer'])).out).toContain('Routed by ada at 1970-01-01T00:00:00.000Z (until v2 is tried).');
  });

  it('routes by the beginnings of digests, and replaces only the route that was looked at', async () => {
    const answers = { '/v1/agents/payer/route': { changes: [{ digest: v1, before: 100, after: 90 }, { digest: v2, before: 0, after: 10 }] } };
    const { code, asked, out } = await holdfast(['agents', 'route', 'payer', 'a1b2=90', 'a1ff=10', '--comment', 'canary'], answers);
    expect(code).toBe(0);
    expect(asked).toEqual([{ path: '/v1/agents/payer/route', body: { shares: [{ digest: v1, weight: 90 }, { digest: v2, weight: 10 }], comment: 'canary', seen: 7, dryRun: false } }]);
    expect(out).toMatch(/a1b200000000 +100% +90%\na1ff00000000 +0% +10%/);
    expect((await holdfast(['agents', 'route', 'payer', '--deployed', '--dry-run'], answers)).asked[0]?.body).toEqual({ shares: [], comment: '', seen: 7, dryRun: true });
  });

  it.each([
    [['agents', 'route', 'payer', 'a1b=90'], 'such as 3f9a0c71=90'],
    [['agents', 'route', 'payer', 'beef=90'], '"beef" fits no version of payer.'],
    [['agents', 'route', 'payer'], 'A route names versions, or is --deployed.'],
    [['agents', 'route', 'payer', 'a1b2', '--deployed'], 'A route names versions, or is --deployed.'],
    [['agents', 'revoke', 'payer', 'a1'], '--reason'],
    [['agents', 'revoke', 'payer', 'a1', '--reason', 'x'], '"a1" fits several versions of payer.'],
  ])('%j changes nothing and says what is wrong', async (args, message) => {
    const { code, asked, err } = await holdfast(args);
    expect([code, asked]).toEqual([2, []]);
    expect(err).toContain(message);
  });

  it('revokes a version and tells how many runs go by it', async () => {
    const { asked, out } = await holdfast(['agents', 'revoke', 'payer', 'a1b2', '--reason', 'pays twice'], { [`/v1/agents/payer/versions/${v1}/revoke`]: { digest: v1, running: 3, revoked: { by: 'ada', reason: 'pays twice' } } });
    expect(asked).toEqual([{ path: `/v1/agents/payer/versions/${v1}/revoke`, body: { reason: 'pays twice', dryRun: false } }]);
    expect(out).toBe('Version a1b200000000 of payer is revoked by ada: pays twice. 3 of your runs go by it, and may call nothing more.');
  });

  it('publishes what a file declares, and nothing of a file that is wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-agents-'));
    try {
      await writeFile(join(folder, 'agents.yaml'), 'agents: [{ name: payer, instructions: Pay., model: scripted, taskTypes: [invoice] }]');
      const { asked, out } = await holdfast(['agents', 'publish', join(folder, 'agents.yaml')], { '/v1/agents/payer/versions': { name: 'payer', digest: v1, status: 'published' } });
      expect(asked).toEqual([{ path: '/v1/agents/payer/versions', body: { declaration: expect.objectContaining({ name: 'payer', instructions: 'Pay.', trustTier: 'supervised', tools: [] }), dryRun: false } }]);
      expect(out).toBe(`payer ${v1} is published.`);
      await writeFile(join(folder, 'agents.yaml'), 'agents: [{ name: payer, instruction: Pay., model: scripted, taskTypes: [invoice] }]');
      expect(await holdfast(['agents', 'publish', join(folder, 'agents.yaml')])).toMatchObject({ code: 1, asked: [], err: expect.stringContaining('line 1: the agent "payer"') });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
