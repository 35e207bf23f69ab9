import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitTool } from '@holdfast/contracts';
import { writeCatalog } from './catalog.js';

let folder: string;
let written = 0;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-catalog-')); });
afterEach(() => rm(folder, { recursive: true }));

const agent = (tools: readonly string[]) => ({ name: 'waiter', instructions: 'Wait.', model: 'm', taskTypes: ['t'], tools, trustTier: 'trusted', inputTrust: {}, budgets: { maxSteps: 1, deadlineSeconds: 1, approvalSeconds: 1 }, digest: 'a'.repeat(64) });

async function catalogOf(tools: readonly string[], contracts: readonly object[] = []): Promise<readonly { readonly name: string }[]> {
  // A module is read once, so each catalogue is made from modules of its own.
  const module = join(folder, `modules-${(written += 1)}.mjs`);
  await writeFile(module, `export const agents = ${JSON.stringify([agent(tools)])}; export const contracts = ${JSON.stringify(contracts)};`);
  await writeCatalog(join(folder, 'catalog.json'), module, module);
  return (JSON.parse(await readFile(join(folder, 'catalog.json'), 'utf8')) as { tools: readonly { readonly name: string }[] }).tools;
}

describe('the catalogue', () => {
  it('has those of Holdfast\'s own tools that an agent names, and no others', async () => {
    expect((await catalogOf(['holdfast_wait'])).map(({ name }) => name)).toEqual(['holdfast_wait']);
    expect(await catalogOf([])).toEqual([]);
  });

  it('is not written where a team declares a tool under a reserved name', async () => {
    await expect(catalogOf(['holdfast_wait'], [{ ...waitTool, adapter: 'default' }])).rejects.toMatchObject({ code: 'catalog.invalid' });
  });
});
