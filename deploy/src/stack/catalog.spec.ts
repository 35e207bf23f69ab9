import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RUNTIME_TOOLS, waitTool } from '@holdfast/contracts';
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
  it('has Holdfast\'s own tools, whether an agent names them or not: earlier versions may', async () => {
    for (const tools of [['holdfast_wait'], []]) expect(await catalogOf(tools)).toEqual(RUNTIME_TOOLS);
  });

  it('is made from an agent file as well', async () => {
    await writeFile(join(folder, 'none.mjs'), 'export const contracts = [];');
    await writeFile(join(folder, 'agents.yaml'), 'agents: [{ name: waiter, instructionsFile: waiter.md, model: m, taskTypes: [t], tools: [holdfast_wait] }]');
    await writeFile(join(folder, 'waiter.md'), 'Wait.\n');
    expect((await writeCatalog(join(folder, 'catalog.json'), join(folder, 'agents.yaml'), join(folder, 'none.mjs'))).agents).toEqual([expect.objectContaining({ name: 'waiter', instructions: 'Wait.', trustTier: 'supervised' })]);
  });

  it('is not written where a team declares a tool under a reserved name', async () => {
    await expect(catalogOf(['holdfast_wait'], [{ ...waitTool, adapter: 'default' }])).rejects.toMatchObject({ code: 'catalog.invalid' });
  });
});
