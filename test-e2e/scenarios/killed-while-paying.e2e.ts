import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOf, invoiceEvent, startInstallation, type Installation } from './installation.fixture.js';

/** Where the adapter kills itself with SIGKILL, once, while it handles a call, and the invoice that is being paid then. */
const DEATHS = [['before-claim', 'evt-0001'], ['after-claim', 'evt-0002'], ['after-effect', 'evt-0003'], ['after-outcome', 'evt-0005']] as const;

let installation: Installation;
let folder: string;

/** The adapter's sign that it has died there already. */
const reached = (failpoint: string): string => join(folder, `reached.${failpoint}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-failpoint-'));
  for (const [failpoint] of DEATHS) await writeFile(reached(failpoint), '');
  installation = await startInstallation({ environment: { HOLDFAST_FAILPOINT: DEATHS.map(([failpoint]) => failpoint).join(','), HOLDFAST_FAILPOINT_FILE: join(folder, 'reached') } });
});

afterAll(async () => {
  await installation?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('an adapter that dies while it pays', () => {
  it.each(DEATHS)('%s has its call finished by its successor, and invoice %s is paid once', async (failpoint, invoice) => {
    const { gateway, publisher, stack, world } = installation;
    const [crashes, { counts: before }] = [stack.crashes.length, await world.audit()];
    await rm(reached(failpoint));
    await publisher.publish(invoiceEvent(invoice));
    const run = await endOf(gateway, invoice);
    const { counts } = await world.audit();

    expect(stack.crashes.slice(crashes)).toEqual(['tool-adapters ended with SIGKILL']);
    expect(run.answer).toContain('"paid"');
    expect({ payments: counts.payments - before.payments, duplicates: counts.duplicates }).toEqual({ payments: 1, duplicates: 0 });
  });
});
