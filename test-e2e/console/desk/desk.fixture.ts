import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Shop } from '../../scenarios/drift/shop.ts';
import { startScenario, type Scenario } from '../../scenarios/installation.fixture.js';

type Script = readonly (readonly [tool: string, given: object])[];

/** The desk on real processes, with what a person may look into beside the console. */
export interface Desk {
  readonly scenario: Scenario;
  readonly shop: Shop;
  /** A key of another tenant of the same installation. */
  readonly strangerKey: string;
  /** What the tools did, one effect a line. */
  book(): Promise<readonly string[]>;
  /** Gives a clerk a task with a script of calls. */
  begin(id: string, goal: string, script: Script, type?: 'com.example.letter' | 'com.example.telegram'): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startDesk(): Promise<Desk> {
  const shop = new Shop();
  let book = '';
  const url = await shop.open();
  try {
    const scenario = await startScenario('../console/desk', 2, async (directory) => {
      book = join(directory.path, 'book');
      return { DESK_BOOK: book, SHOP_URL: url, HOLDFAST_CONTRACTS_SECONDS: '1' };
    });
    return {
      scenario, shop,
      strangerKey: await addStranger(scenario),
      book: async () => (await readFile(book, 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''),
      begin: (id, goal, script, type = 'com.example.letter') => scenario.publisher.publish({ specversion: '1.0', id, source: '/desk', type, data: { goal, script } } as never),
      stop: () => scenario.stop().finally(() => shop.close()),
    };
  } catch (error) {
    await shop.close();
    throw error;
  }
}

/** Keys are read when a gateway starts. */
async function addStranger({ directory, stack }: Scenario): Promise<string> {
  const file = join(directory.path, 'secrets', 'api-keys.json');
  const key = `hf_${randomBytes(24).toString('base64url')}`;
  const stranger = { name: 'stranger', tenant: 'globex', roles: ['admin'], sha256: createHash('sha256').update(key).digest('hex') };
  await writeFile(file, JSON.stringify([...(JSON.parse(await readFile(file, 'utf8')) as object[]), stranger]));
  await stack.kill('gateway');
  await stack.start('gateway');
  return key;
}
