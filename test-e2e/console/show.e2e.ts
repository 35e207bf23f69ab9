import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { endOf, runOf, until } from '../scenarios/installation.fixture.js';
import { startChromium } from './browser/chromium.js';
import { Visitor } from './browser/visitor.js';
import { startDesk, type Desk } from './desk/desk.fixture.js';

let desk: Desk;
let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
  desk = await startDesk();
});
afterAll(async () => {
  await browser?.close();
  await desk?.stop();
});

/** What the timeline of a run shows, row by row. */
const rowsOf = ({ page }: Visitor): Promise<readonly string[]> => page.locator('.span .name').allTextContents();

describe('somebody who watches a run', () => {
  it('sees it wait, sees gateway and orchestrator die and come back, and sees the reply that was approved meanwhile, once', async () => {
    const { stack, gateway } = desk.scenario;
    const [watcher, approver] = [await Visitor.arrive(browser, stack.gatewayUrl), await Visitor.arrive(browser, stack.gatewayUrl)];
    await watcher.signIn(stack.apiKeys.viewer);
    await approver.signIn(stack.apiKeys.approver, '/console/inbox');
    await watcher.page.getByText('No runs yet').waitFor();
    await watcher.photograph('show-1-signed-in');

    await desk.begin('show', 'Answer the complaint.', [['read_letter', { letter: 'complaint' }], ['send_reply', { to: '$address', subject: 'Your refund', text: 'It is done.' }]]);
    await watcher.page.getByRole('link', { name: /Answer the complaint/ }).click();
    await watcher.page.locator('.page-head .status').getByText('Waits for people').waitFor();
    await watcher.page.locator('.span .name').getByText('send_reply').waitFor();
    await watcher.photograph('show-2-waits');

    await stack.kill('gateway');
    await watcher.page.getByText('Connection lost, trying again').waitFor();
    await watcher.photograph('show-3-gateway-killed');
    await stack.start('gateway');
    await watcher.page.getByText('Live', { exact: true }).waitFor();
    await approver.page.getByText('Live', { exact: true }).waitFor();

    await stack.kill('orchestrator');
    await approver.page.getByRole('heading', { level: 2, name: 'May clerk call send_reply?' }).waitFor();
    await approver.page.keyboard.press('a');
    await approver.page.keyboard.type('they are known to us');
    await approver.photograph('show-4-approving');
    await approver.page.keyboard.press('Enter');
    await approver.page.getByText('The run has not said yet whether it counts').waitFor();
    await approver.photograph('show-5-orchestrator-killed');
    expect((await runOf(gateway, 'show'))?.status).toBe('waiting');
    expect(await desk.book()).toEqual([]);

    await stack.start('orchestrator');
    await approver.page.locator('.outcome').getByText('approver approved it.').waitFor();
    await watcher.page.locator('.page-head .status').getByText('Completed').waitFor();
    await watcher.photograph('show-6-completed');
    await endOf(gateway, 'show');
    expect(await desk.book()).toEqual(['reply refunds@parcels.example: Your refund']);

    const seen = await rowsOf(watcher);
    await watcher.page.reload();
    const whole = await until('the timeline of the whole run', async () => { const rows = await rowsOf(watcher); return rows.length > 0 && rows.length >= seen.length ? rows : undefined; });
    expect(seen).toEqual(whole);
    expect(await watcher.inspect('show-run')).toEqual([]);
    expect([...watcher.faults, ...approver.faults]).toEqual([]);
  });
});
