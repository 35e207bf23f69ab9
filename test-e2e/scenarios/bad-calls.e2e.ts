import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY, entryPoint } from '@holdfast/deploy';
import type { RunDetail } from '@holdfast/example-accounts-payable';
import { endOf, startScenario, type Scenario } from './installation.fixture.js';

let scenario: Scenario;
let bank: string;

beforeAll(async () => {
  scenario = await startScenario('bad-calls', 2, async (directory) => {
    bank = await directory.folder('bank');
    return { LYING_FOLDER: bank };
  });
});
afterAll(() => scenario?.stop());

/** The end of a run whose agent asks for these calls, one a step. */
async function ask(id: string, ...script: readonly (readonly [string, object])[]): Promise<RunDetail> {
  await scenario.publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.careless', data: { goal: 'Follow the script.', script } } as never);
  return endOf(scenario.gateway, id);
}

describe('a run whose agent asks for what cannot work', () => {
  it.each([
    ['an unknown tool', 'conquer', { what: 'the world' }, { tool: 'conquer', status: 'refused', reasons: [expect.stringContaining('conquer')] }],
    ['arguments that violate the schema', 'book', { invoice: 'i-7', cents: 'many' }, { tool: 'book', status: 'refused', reasons: [expect.stringMatching(/"cents" must be integer/)] }],
    ['an argument that is not known', 'book', { invoice: 'i-7', cents: 1, memo: 'x' }, { tool: 'book', status: 'refused', reasons: [expect.stringMatching(/"memo" is not known/)] }],
    ['a result that is too large', 'archive', {}, { tool: 'archive', status: 'failed', failure: expect.stringMatching(/archive answered, but its result has \d+ bytes; at most \d+ are recorded/) }],
    ['a server that never answers', 'oracle', {}, { tool: 'oracle', status: 'failed', failure: expect.stringMatching(/oracle did not answer within \d+ ms/) }],
  ])('%s is told why, by tool and field, and goes on to its end', async (what, tool, given, expected) => {
    const run = await ask(what, [tool, given], ['book', { invoice: `after ${what}`, cents: 5 }]);
    expect(run.status).toBe('completed');
    expect(run.stepsTaken[0]?.calls).toEqual([expect.objectContaining(expected)]);
    expect(run.stepsTaken[1]?.calls).toEqual([expect.objectContaining({ tool: 'book', status: 'succeeded' })]);
  });

  it('is served once by an MCP server that dies between its effect and its answer', async () => {
    await writeFile(join(bank, 'die-after'), '');
    const run = await ask('dying', ['bank_pay', { invoice: 'i-9' }]);
    expect(run.stepsTaken[0]?.calls).toEqual([expect.objectContaining({ tool: 'bank_pay', status: 'succeeded' })]);
    expect((await readFile(join(bank, 'effects'), 'utf8')).trim().split('\n')).toEqual([expect.stringContaining('i-9')]);
  });
});

describe('a worker with a contract file that is wrong', () => {
  it('does not start, and names file, line, tool, field and remedy', async () => {
    const { directory, stack } = scenario;
    const contracts = join(directory.path, 'wrong.yaml');
    const wrong = join(directory.path, 'wrong.mjs');
    const correct = await readFile(join(REPOSITORY, 'docs/reference/contracts.example.yaml'), 'utf8');
    await writeFile(contracts, correct.replace('effect: keyed', 'effect: keyd'));
    await writeFile(wrong, `import { readContracts } from ${JSON.stringify(join(REPOSITORY, 'libs/tool-sdk/dist/index.js'))};\nexport const contracts = []; export const tools = () => readContracts(${JSON.stringify(contracts)});\n`);
    const child = spawn(process.execPath, [entryPoint('tool-adapters')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], NATS_URL: stack.brokerUrl, HOLDFAST_NATS_SEED: stack.identities?.tools.seed, HOLDFAST_PARTITIONS: '2', HOLDFAST_CATALOG: join(directory.path, 'catalog.json'), HOLDFAST_TOOLS: wrong, HOLDFAST_PERMIT_PUBLIC_KEYS_FILE: join(directory.path, 'secrets', 'permit-public-key.pem'), PORT: '0' },
    });
    let text = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => { text += chunk.toString('utf8'); });
    const [code] = (await once(child, 'exit')) as [number | null];
    expect({ code, text }).toEqual({ code: 78, text: expect.stringMatching(/wrong\.yaml[^]*line 24: the tool \\?"transfer\\?", field \\?"effect\\?"[^]*tool-contracts\.schema\.json/) });
  });
});
