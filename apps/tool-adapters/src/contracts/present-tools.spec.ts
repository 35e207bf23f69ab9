import { describe, expect, it } from '@jest/globals';
import { sealContract, toolFromContract, type Tool } from '@holdfast/tool-sdk';
import type { ToolContract } from '@holdfast/contracts';
import { PresentTools, type Quarantine } from './present-tools.js';

const contractOf = (type: string): ToolContract => sealContract({
  name: 'pay', description: 'Pays.', adapter: 'default', effect: 'keyed', identity: ['invoice'], roles: { invoice: 'target' },
  input: { type: 'object', properties: { invoice: { type } }, required: ['invoice'], additionalProperties: false }, output: {},
  outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} }, timeoutMs: 1_000, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 1,
});
const [own, accepted] = [contractOf('string'), contractOf('integer')];
const tool: Tool = toolFromContract(own, { execute: async () => 'paid' });

/** A registry of which this worker hears only when it looks. */
class LateRegistry {
  heard: { contract?: ToolContract; quarantine?: Quarantine } = {};
  looks = 0;

  constructor(public present: { contract?: ToolContract; quarantine?: Quarantine } = {}) {}

  contractOf = () => this.heard.contract;
  quarantineOf = () => this.heard.quarantine;
  refresh = async () => {
    this.looks += 1;
    this.heard = this.present;
  };
}

describe('the tools of a worker', () => {
  const called = { tool: 'pay', contractDigest: accepted.digest };

  it('have the contract that a person accepted, with its checks, and their own code', async () => {
    const registry = new LateRegistry({ contract: accepted });
    const tools = new PresentTools([tool], registry);
    expect(tools.find('pay')).toBe(tool);

    const present = await tools.under(called, 1);
    expect(present?.contract).toBe(accepted);
    expect(present?.checkInput({ invoice: 7 }).ok).toBe(true);
    expect(present?.checkInput({ invoice: 'seven' }).ok).toBe(false);
    expect(present?.execute).toBe(tool.execute);
    expect(await tools.under(called, 1)).toBe(present);
    expect(registry.looks).toBe(1);
  });

  it('are not taken for another release\'s before the worker has had time to hear the news', async () => {
    const tools = new PresentTools([tool], new LateRegistry());
    await expect(tools.under(called, 1)).rejects.toMatchObject({ code: 'tool.contract-behind', retryable: true });
    expect(await tools.under(called, 6)).toBe(tool);
  });

  it('are called quarantined only by who has just looked', async () => {
    const quarantine = { sequence: 3, reason: 'retyped' };
    const registry = new LateRegistry();
    registry.heard = { quarantine };
    expect(await new PresentTools([tool], registry).quarantineOf('pay')).toBeUndefined();
    registry.present = registry.heard = { quarantine };
    expect(await new PresentTools([tool], registry).quarantineOf('pay')).toEqual(quarantine);
  });

  it('do not exist under the same name twice', () => {
    expect(() => new PresentTools([tool, tool])).toThrow(expect.objectContaining({ code: 'tool.definition-invalid' }));
  });
});
