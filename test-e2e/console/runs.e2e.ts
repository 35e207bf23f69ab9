import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { endOf, runOf, until } from '../scenarios/installation.fixture.js';
import { startChromium } from './browser/chromium.js';
import { Visitor } from './browser/visitor.js';
import { startDesk, type Desk } from './desk/desk.fixture.js';

let desk: Desk;
let browser: Browser;
let operator: Visitor;
let page: Page;

beforeAll(async () => {
  browser = await startChromium();
  desk = await startDesk();
  operator = await Visitor.arrive(browser, desk.scenario.stack.gatewayUrl);
  ({ page } = operator);
  await operator.signIn(desk.scenario.stack.apiKeys.operator);
});
afterAll(async () => {
  await browser?.close();
  await desk?.stop();
});

const reply = [['read_letter', { letter: 'complaint' }], ['send_reply', { to: '$address', subject: 'Your refund', text: 'It is done.' }]] as const;
const row = (goal: string) => page.locator('.run-row').filter({ hasText: goal });
const status = (words: string): Promise<void> => page.locator('.page-head .status').getByText(words).waitFor();

describe('a run', () => {
  it('appears while one looks, is watched live through the death of the orchestrator, and is approved and seen to its end', async () => {
    const { gateway, stack } = desk.scenario;
    await page.getByText('No runs yet').waitFor();
    await desk.begin('watched', 'Answer while somebody watches.', reply);
    await row('Answer while somebody watches.').getByText('Waits for people').waitFor();
    expect(await operator.inspect('runs')).toEqual([]);
    await row('Answer while somebody watches.').click();
    await status('Waits for people');
    await page.locator('.span').filter({ hasText: 'send_reply' }).getByText('waits for a person').waitFor();
    expect(await operator.inspect('run-live')).toEqual([]);

    await stack.kill('orchestrator');
    const asked = await until('the question', async () => (await runOf(gateway, 'watched'))?.approvalsWaiting[0]);
    const { runId } = (await runOf(gateway, 'watched')) ?? { runId: '' };
    const given = await fetch(new URL(`/v1/runs/${runId}/approvals/${asked.approvalId}`, stack.gatewayUrl), { method: 'POST', headers: { authorization: `Bearer ${stack.apiKeys.approver}`, 'content-type': 'application/json' }, body: JSON.stringify({ answer: 'approved' }) });
    expect(given.status).toBe(202);
    await operator.photograph('run-orchestrator-dead');
    await stack.start('orchestrator');
    await status('Completed');
    await page.locator('.span').filter({ hasText: 'send_reply' }).getByText('succeeded').waitFor();
    await page.locator('.span').getByText('Completed').waitFor();
    expect(await desk.book()).toEqual(['reply refunds@parcels.example: Your refund']);
    expect(await operator.inspect('run-ended')).toEqual([]);
  });

  it('tells what it knows about a call, why it was made, and how the run stood then', async () => {
    await page.locator('.span').filter({ hasText: 'send_reply' }).click();
    const details = page.getByRole('complementary', { name: 'Details of send_reply' });
    await details.getByText('refunds@parcels.example').first().waitFor();
    expect(await operator.inspect('run-details')).toEqual([]);
    await details.getByRole('link', { name: 'Why?' }).click();
    await page.getByText(/^Checked: all \d+ commits/).waitFor();
    await page.locator('.graph .node').first().waitFor();
    await page.getByRole('button', { name: /^approved by approver/ }).click();
    expect(await operator.inspect('run-why')).toEqual([]);

    await page.getByRole('link', { name: 'State', exact: true }).click();
    const slider = page.getByRole('slider');
    await slider.focus();
    await page.keyboard.press('Home');
    await page.getByText('The run began.').waitFor();
    expect(new URL(page.url()).searchParams.get('at')).toBe('1');
    await page.keyboard.press('ArrowRight');
    await page.getByText('What commit 2 changed').waitFor();
    await page.getByRole('cell', { name: /^read_letter/ }).waitFor();
    expect(await operator.inspect('run-state')).toEqual([]);
  });

  it('is laid beside another, step by step', async () => {
    await desk.begin('other', 'Read and say nothing.', [['read_letter', { letter: 'complaint' }]]);
    const { runId } = await endOf(desk.scenario.gateway, 'other');
    await page.getByRole('link', { name: 'Compare', exact: true }).click();
    await page.getByLabel('Compare with run').fill(runId);
    await page.getByLabel('Compare with run').press('Enter');
    await page.getByText(/They part at step \d/).waitFor();
    expect(await operator.inspect('run-compare')).toEqual([]);
  });

  it('is paused, resumed and cancelled by whoever may, and by nobody else', async () => {
    await desk.begin('steered', 'Ask and be steered.', [['holdfast_ask_person', { question: 'Shall we go on?' }]]);
    await operator.visit('Runs');
    await row('Ask and be steered.').click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByLabel('Reason').fill('lunch');
    expect(await operator.inspect('run-pausing')).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await status('Paused');
    await page.locator('.span').getByText('by operator: lunch').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();

    const viewer = await Visitor.arrive(browser, desk.scenario.stack.gatewayUrl);
    await viewer.signIn(desk.scenario.stack.apiKeys.viewer, new URL(page.url()).pathname);
    await viewer.page.locator('.page-head .status').waitFor();
    expect(await viewer.page.locator('.steering').count()).toBe(0);
    await viewer.leave();

    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
    await status('Cancelled');
    expect(await page.locator('.steering').count()).toBe(0);
  });

  it('is found by a filter that the address keeps, and by keys alone', async () => {
    await operator.visit('Runs');
    await page.getByLabel('Status').selectOption('cancelled');
    await page.waitForURL(/status=cancelled/);
    await row('Ask and be steered.').waitFor();
    expect(await page.locator('.run-row').count()).toBe(1);
    await page.reload();
    await row('Ask and be steered.').waitFor();
    await page.getByLabel('Status').selectOption('');
    await until('all three', async () => ((await page.locator('.run-row').count()) === 3 ? true : undefined));
    await page.locator('.run-row').first().focus();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Answer while somebody watches.' }).waitFor();
  });

  it('is told about again when the gateway was away', async () => {
    const { stack } = desk.scenario;
    await operator.visit('Runs');
    await page.getByRole('status').getByText('Live').waitFor();
    await stack.kill('gateway');
    await page.getByText('Connection lost, trying again').waitFor();
    await operator.photograph('runs-gateway-away');
    await stack.start('gateway');
    await page.getByRole('status').getByText('Live').waitFor();
    await desk.begin('after', 'After the gateway came back.', []);
    await row('After the gateway came back.').waitFor();
  });

  it('nothing went wrong in the browser meanwhile', () => expect(operator.faults).toEqual([]));
});
