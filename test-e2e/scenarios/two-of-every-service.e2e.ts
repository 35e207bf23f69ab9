import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readExpectedOutcomes, readInvoiceEvents } from '@holdfast/example-accounts-payable';
import { endOf, startInstallation, type Installation } from './installation.fixture.js';

const TWO = { gateway: 2, orchestrator: 2, planner: 2, policy: 2, 'tool-adapters': 2 } as const;
/** What is killed, one after another, while tasks keep coming; the second orchestrator is drained in good order instead. */
const VICTIMS = ['orchestrator', 'planner-2', 'tool-adapters', 'policy-2', 'gateway-2'] as const;

describe('two processes of every service', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await startInstallation({ instances: TWO });
  });

  afterAll(() => installation?.stop());

  it('share the work, and every run ends with its invoice paid once though one of each goes away meanwhile', async () => {
    const { stack, publisher, gateway, world } = installation;
    const outcomes = readExpectedOutcomes();
    const events = readInvoiceEvents().filter(({ id }) => outcomes[id]?.outcome === 'paid').slice(0, 10);
    const waves = VICTIMS.map((_, index) => events.filter((__, at) => at % VICTIMS.length === index));
    for (const [index, victim] of VICTIMS.entries()) {
      for (const event of waves[index] ?? []) await publisher.publish(event);
      await stack.kill(victim);
      // The successor of the first orchestrator takes over before the second one leaves.
      await stack.start(victim);
      if (victim !== 'orchestrator') continue;
      await stack.services['orchestrator-2']?.stop();
      await stack.services['orchestrator-2']?.start();
    }
    const runs = await Promise.all(events.map(({ id }) => endOf(gateway, id)));
    const audit = await world.audit();

    expect(runs.map(({ status }) => status)).toEqual(events.map(() => 'completed'));
    expect(audit.counts).toMatchObject({ payments: events.length, duplicates: 0 });
    expect(stack.crashes).toEqual([]);
  });
});
