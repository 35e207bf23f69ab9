import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Catalog, ToolContract } from '@holdfast/contracts';
import { catalog } from '../authorizer/run.fixture.js';
import { PolicyFolder } from './policy-folder.js';

describe('a folder of policies', () => {
  let folder = '';
  const file = (name: string): string => join(folder, name);
  let present: Catalog = catalog;
  const open = () => PolicyFolder.open({ policies: folder, catalog: () => present });

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
    await writeFile(file('a.cedar'), 'permit (principal, action == Action::"pay_invoice", resource) when { context.arguments.iban like "DE*" };');
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

  it('cannot be opened while it is bad', async () => {
    await writeFile(file('a.cedar'), 'permit');

    await expect(open()).rejects.toMatchObject({ code: 'policy.bad-file' });
    await expect(PolicyFolder.open({ policies: file('nowhere'), catalog: () => catalog })).rejects.toMatchObject({ code: 'policy.unreadable' });
  });
});
