import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOf, invoiceEvent, startInstallation, type Installation } from './installation.fixture.js';

/** Where the adapter kills itself with SIGKILL, once, while it handles a call. */
const failpoints = ['before-claim', 'after-claim', 'after-effect', 'after-outcome'] as const;

describe.each(failpoints)('an adapter that dies %s', (failpoint) => {
  let installation: Installation;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-failpoint-'));
    installation = await startInstallation({ environment: { HOLDFAST_FAILPOINT: failpoint, HOLDFAST_FAILPOINT_FILE: join(folder, 'reached') } });
  });

  afterAll(async () => {
    await installation?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('has its call finished by its successor, and the invoice is paid once', async () => {
    await installation.publisher.publish(invoiceEvent('evt-0001'));
    const run = await endOf(installation.gateway, 'evt-0001');
    const audit = await installation.world.audit();

    expect(installation.stack.crashes).toEqual(['tool-adapters ended with SIGKILL']);
    expect(run.answer).toContain('"paid"');
    expect({ payments: audit.counts.payments, duplicates: audit.counts.duplicates }).toEqual({ payments: 1, duplicates: 0 });
  });
});
