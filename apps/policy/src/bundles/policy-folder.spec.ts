import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { catalog } from '../authorizer/run.fixture.js';
import { PolicyFolder } from './policy-folder.js';

describe('a folder of policies', () => {
  let folder = '';
  const file = (name: string): string => join(folder, name);
  const open = () => PolicyFolder.open({ policies: folder, catalog: file('catalog.json') });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policies-'));
    await writeFile(file('catalog.json'), JSON.stringify(catalog));
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

  it.each([['a.cedar', 'permit (principal, action, resource)\nwhen { context.nope };', 'a.cedar:2'], ['catalog.json', '{', 'catalog']])('keeps the last good policies where %s is bad', async (name, text, words) => {
    const policies = await open();
    const good = policies.current();
    await writeFile(file(name), text);

    expect(await policies.reload()).toMatchObject({ status: 'refused', digest: good.digest, error: { message: expect.stringContaining(words) } });
    expect(policies.current()).toBe(good);
  });

  it('cannot be opened while it is bad', async () => {
    await writeFile(file('a.cedar'), 'permit');

    await expect(open()).rejects.toMatchObject({ code: 'policy.bad-file' });
    await expect(PolicyFolder.open({ policies: file('nowhere'), catalog: file('catalog.json') })).rejects.toMatchObject({ code: 'policy.unreadable' });
  });
});
