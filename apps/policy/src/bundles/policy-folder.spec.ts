import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { declaredAgents } from '@holdfast/agent-registry';
import type { Catalog, ToolContract } from '@holdfast/contracts';
import { Authorizer } from '../authorizer/authorizer.js';
import { KEY, NOW, accepted, catalog, commitsOf } from '../authorizer/run.fixture.js';
import { PolicyFolder, type ReloadOutcome } from './policy-folder.js';

describe('a folder of policies', () => {
  let folder = '';
  const file = (name: string): string => join(folder, name);
  let present: Catalog = catalog;
  const open = () => PolicyFolder.open({ policies: folder, catalog: () => present, environment: 'test' });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policies-'));
    present = catalog;
    await writeFile(file('a.cedar'), 'permit (principal, action, resource);');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is loaded again only where something changed', async () => {
    const policies = await open();
    const first = policies.current().digest;
    expect(await policies.reload()).toEqual({ status: 'unchanged', digest: first });

    await writeFile(file('b.cedar'), 'forbid (principal, action, resource) when { context.risk > 90 };');
    expect(await policies.reload()).toEqual({ status: 'loaded', previous: first, digest: policies.current().digest });
    expect(policies.current().digest).not.toBe(first);
  });

  it('keeps the last good policies where a file is bad', async () => {
    const policies = await open();
    const good = policies.current();
    await writeFile(file('a.cedar'), 'permit (principal, action, resource)\nwhen { context.nope };');

    expect(await policies.reload()).toMatchObject({ status: 'refused', digest: good.digest, error: { message: expect.stringContaining('a.cedar:2') } });
    expect(policies.current()).toBe(good);
  });

  it('is judged under the contracts that count when it is loaded again, and stays as it was under one that it does not fit', async () => {
    await writeFile(file('a.cedar'), 'permit (principal, action == Action::"pay_invoice", resource) when { context.input.iban like "DE*" };');
    const policies = await open();
    const first = policies.current();
    const under = (change: Partial<ToolContract>): Catalog => ({ ...catalog, tools: catalog.tools.map((tool) => (tool.name === 'pay_invoice' ? { ...tool, ...change } : tool)) });
    present = under({ digest: 'd'.repeat(64) });
    expect(await policies.reload()).toMatchObject({ status: 'loaded', previous: first.digest });
    expect(policies.current().tools.get('pay_invoice')?.contract.digest).toBe('d'.repeat(64));

    const good = policies.current();
    present = under({ digest: 'e'.repeat(64), input: { type: 'object', properties: { accountNumber: { type: 'string' } } } });
    expect(await policies.reload()).toMatchObject({ status: 'refused', error: { message: expect.stringContaining('a.cedar:1') } });
    expect(policies.current()).toBe(good);
  });

  it('is watched: what changed is taken, what is bad is refused and told once, and every question is answered under one bundle or the other', async () => {
    const policies = await open();
    const outcomes: string[] = [];
    const told = async (count: number): Promise<void> => { while (outcomes.length < count) await new Promise((resolve) => { setTimeout(resolve, 2); }); };
    const digests = new Set([policies.current().digest]);
    const watched = policies.watch(1, (outcome) => { outcomes.push(outcome.status); digests.add(outcome.digest); });
    const authorizer = new Authorizer({ bundles: policies, agents: declaredAgents(catalog.agents), log: { readAfter: (_, after) => Promise.resolve(commitsOf([accepted]).filter(({ commit }) => commit.number > after)) }, signer: { sign: () => 'permit' }, environment: 'test', clock: () => NOW });
    const ask = () => authorizer.authorize({ ...KEY, head: 1, calls: [{ callId: 'c', requestId: 'r', tool: 'get_purchase_order', arguments: { poNumber: 'PO-7046' } }] });
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    const asking = (async () => { for (let round = 0; round < 20; round += 1) answers.push(...(await Promise.all(Array.from({ length: 64 }, ask)))); })();
    await writeFile(file('b.cedar'), 'forbid (principal, action, resource) when { context.risk > 90 };');
    await told(1);
    await writeFile(file('b.cedar'), 'forbid (');
    await told(2);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    await writeFile(file('b.cedar'), 'forbid (principal, action, resource) when { context.risk > 80 };');
    await told(3);
    await asking;
    watched.stop();
    expect(outcomes).toEqual(['loaded', 'refused', 'loaded']);
    expect(answers).toHaveLength(1_280);
    for (const { verdicts: [verdict] } of answers) expect([verdict?.outcome, digests.has(verdict?.policyDigest ?? '')]).toEqual(['allow', true]);
  });

  it('takes no file that is still being written: a change counts once two looks have found the same', async () => {
    const whole = 'permit (principal, action, resource);\nforbid (principal, action, resource) when { context.risk > 50 };';
    const found = (text: string): Readonly<Record<string, string>> => ({ 'a.cedar': text });
    // What each look finds: every beginning of the file at some line parses, and the first allows more than the whole.
    const looks = [found('permit (principal, action, resource); // old'), found('permit (principal, action, resource);'), found(`permit (principal, action, resource);\nforbid (`), found(whole)];
    let at = 0;
    const policies = await PolicyFolder.open({ policies: folder, catalog: () => catalog, environment: 'test', read: async () => looks[Math.min(at++, looks.length - 1)] ?? {} });
    const old = policies.current().digest;
    const taken = await new Promise<ReloadOutcome>((resolve) => { const watched = policies.watch(1, (outcome) => { watched.stop(); resolve(outcome); }); });
    expect(taken).toMatchObject({ status: 'loaded', previous: old });
    expect(at).toBe(looks.length + 1);
    expect([...policies.current().policies.values()].map(({ text }) => text)).toContainEqual(expect.stringContaining('context.risk > 50'));
  });

  it('has another digest in another environment and with another agent, which decide as well', async () => {
    const digest = (environment: string, from = catalog): Promise<string> => PolicyFolder.open({ policies: folder, catalog: () => from, environment }).then((policies) => policies.current().digest);
    const other = { ...catalog, agents: catalog.agents.map((agent) => ({ ...agent, digest: 'd'.repeat(64) })) };
    expect(new Set([await digest('test'), await digest('production'), await digest('test', other)]).size).toBe(3);
  });

  it('cannot be opened while it is bad', async () => {
    await writeFile(file('a.cedar'), 'permit');

    await expect(open()).rejects.toMatchObject({ code: 'policy.bad-file' });
    await expect(PolicyFolder.open({ policies: file('nowhere'), catalog: () => catalog, environment: 'test' })).rejects.toMatchObject({ code: 'policy.unreadable' });
  });
});
