import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { invoiceEvent, endOf, runOf, startInstallation, until, type Installation } from '../scenarios/installation.fixture.js';
import { startChromium } from './browser/chromium.js';
import { Visitor } from './browser/visitor.js';

let installation: Installation;
let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
  installation = await startInstallation();
});
afterAll(async () => {
  await browser?.close();
  await installation?.stop();
});

/** What the timeline of a run shows, row by row. */
const rowsOf = ({ page }: Visitor): Promise<readonly string[]> => page.locator('.span .name').allTextContents();

describe('somebody who watches a run', () => {
  it('sees it wait, sees gateway and orchestrator die and come back, and sees the payment that was approved meanwhile, once', async () => {
    const { stack, gateway, publisher, world } = installation;
    const [watcher, approver] = [await Visitor.arrive(browser, stack.gatewayUrl), await Visitor.arrive(browser, stack.gatewayUrl)];
    await watcher.signIn(stack.apiKeys.viewer);
    await approver.signIn(stack.apiKeys.approver, '/console/inbox');
    await watcher.page.getByText('No runs yet').waitFor();
    await watcher.photograph('show-1-signed-in');

    await publisher.publish(invoiceEvent('evt-0004'));
    await watcher.page.getByRole('link', { name: /INV-2044/ }).click();
    await watcher.page.locator('.page-head .status').getByText('Waits for people').waitFor();
    await watcher.page.locator('.span .name').getByText('pay_invoice').waitFor();
    await watcher.photograph('show-2-waits');

    await stack.kill('gateway');
    await watcher.page.getByText('Connection lost, trying again').waitFor();
    await watcher.photograph('show-3-gateway-killed');
    await stack.start('gateway');
    await watcher.page.getByText('Live', { exact: true }).waitFor();
    await approver.page.getByText('Live', { exact: true }).waitFor();

    await stack.kill('orchestrator');
    await approver.page.getByRole('heading', { level: 2, name: 'May accounts-payable call pay_invoice?' }).waitFor();
    await approver.page.keyboard.press('a');
    await approver.page.keyboard.type('checked against the contract');
    await approver.photograph('show-4-approving');
    await approver.page.keyboard.press('Enter');
    await approver.page.getByText('The run has not said yet whether it counts').waitFor();
    await approver.photograph('show-5-orchestrator-killed');
    expect((await runOf(gateway, 'evt-0004'))?.status).toBe('waiting');
    expect((await world.audit()).counts.payments).toBe(0);

    await stack.start('orchestrator');
    await approver.page.locator('.outcome').getByText('approver approved it.').waitFor();
    await watcher.page.locator('.page-head .status').getByText('Completed').waitFor();
    await watcher.photograph('show-6-completed');
    await endOf(gateway, 'evt-0004');
    expect((await world.audit()).counts).toMatchObject({ payments: 1, duplicates: 0 });

    const seen = await rowsOf(watcher);
    await watcher.page.reload();
    const whole = await until('the timeline of the whole run', async () => { const rows = await rowsOf(watcher); return rows.length > 0 && rows.length >= seen.length ? rows : undefined; });
    expect(seen).toEqual(whole);
    expect(await watcher.inspect('show-run')).toEqual([]);
    expect([...watcher.faults, ...approver.faults]).toEqual([]);
  });
});
