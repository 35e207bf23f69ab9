import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY, createRunDirectory, writeCatalog, type RunDirectory } from '@holdfast/deploy';
import { application } from '@holdfast/example-accounts-payable';
import { loadBundle, readPolicies } from '@holdfast/policy-engine';

const example = join(REPOSITORY, 'examples/accounts-payable');
let directory: RunDirectory;
let catalog: string;
beforeAll(async () => {
  directory = await createRunDirectory();
  catalog = join(directory.path, 'catalog.json');
  await writeCatalog(catalog, application.agents, application.tools);
});
afterAll(() => directory?.remove());

/** `holdfast policy test`, without an environment: it needs nothing running. */
const test = (cases: string, policies = join(example, 'policies')): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => new Promise((resolve) => {
  execFile(process.execPath, [join(REPOSITORY, 'apps/cli/dist/main.js'), 'policy', 'test', cases, '--policies', policies, '--catalog', catalog], { env: {} }, (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }));
});

it('every policy file of this repository fits the catalogue that it is for', async () => {
  const files = (await Promise.all(['examples', 'test-e2e'].map(async (root) => (await readdir(join(REPOSITORY, root), { recursive: true })).map((file) => join(REPOSITORY, root, file))))).flat().filter((file) => file.endsWith('.cedar') && !file.includes('node_modules'));
  const folders = [...new Set(files.map(dirname))];
  expect(folders.length).toBeGreaterThanOrEqual(6);
  for (const [at, folder] of folders.entries()) {
    // The module of agents and tools lies beside the folder of policies; the example has built one.
    const module = folder.startsWith(example) ? application : ['application.ts', 'agent-and-tools.ts'].map((name) => join(dirname(folder), name)).filter((file) => existsSync(file)).map((file) => ({ agents: file, tools: file }))[0];
    if (module === undefined) throw new Error(`${folder} has policies, and nobody knows for which catalogue`);
    const bundle = loadBundle({ policies: await readPolicies(folder), catalog: await writeCatalog(join(directory.path, `catalog-${at}.json`), module.agents, module.tools) });
    expect([folder, bundle.policies.size]).toEqual([folder, expect.any(Number)]);
  }
});

describe('holdfast policy test', () => {
  it('finds that the example\'s policies do what its table says', async () => {
    expect(await test(join(example, 'policy-tests/payments.yaml'))).toEqual({ code: 0, err: '', out: expect.stringMatching(/^(ok .*\n){6}6 as expected, 0 not\.\n$/) });
  });

  it('takes the table of the documentation', async () => {
    const [, table = ''] = /```yaml\n([^]*?)```/.exec(await readFile(join(REPOSITORY, 'docs/policy-tests.md'), 'utf8')) ?? [];
    const file = join(directory.path, 'documented.yaml');
    await writeFile(file, table);
    expect((await test(file)).code).toBe(0);
  });

  it('says what is otherwise than a case says, and what is wrong with a table or with policies', async () => {
    const cases = await readFile(join(example, 'policy-tests/payments.yaml'), 'utf8');
    const write = async (name: string, text: string): Promise<string> => {
      const file = join(directory.path, name);
      await writeFile(file, text);
      return file;
    };
    expect(await test(await write('other.yaml', cases.replaceAll('expect: deny', 'expect: allow')))).toMatchObject({ code: 1, out: expect.stringMatching(/WRONG +never to an account[^]*is "deny" and not "allow"[^]*It says: The value "LT20…0617"[^]*3 as expected, 3 not/), err: expect.stringContaining('policy.cases-failed') });
    expect(await test(await write('slip.yaml', cases.replace('expect: ask', 'expcet: ask')))).toMatchObject({ code: 2, err: expect.stringMatching(/expcet[^]*docs\/policy-tests\.md/) });
    await write('bad.cedar', 'permit (principal, action, resource) when { context.nope };');
    expect(await test(join(example, 'policy-tests/payments.yaml'), directory.path)).toMatchObject({ code: 1, err: expect.stringMatching(/bad\.cedar:1[^]*nope/) });
  });
});
