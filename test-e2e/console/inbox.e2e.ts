import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { endOf, runOf, until } from '../scenarios/installation.fixture.js';
import { startChromium } from './browser/chromium.js';
import { Visitor } from './browser/visitor.js';
import { startDesk, type Desk } from './desk/desk.fixture.js';

let desk: Desk;
let browser: Browser;
/** Somebody whose key may answer approvals, and nothing else. */
let approver: Visitor;
let page: Page;

beforeAll(async () => {
  browser = await startChromium();
  desk = await startDesk();
  await desk.begin('telegram', 'Answer the telegram.', reply('complaint', 'Too late'), 'com.example.telegram');
  approver = await Visitor.arrive(browser, desk.scenario.stack.gatewayUrl);
  ({ page } = approver);
  await approver.signIn(desk.scenario.stack.apiKeys.approver, '/console/inbox');
});
afterAll(async () => {
  await browser?.close();
  await desk?.stop();
});

const reply = (letter: string, subject: string) => [['read_letter', { letter }], ['send_reply', { to: '$address', subject, text: 'It is done.' }]] as const;

/** Goes through the list by `j` until the matter with this goal is looked at. */
async function lookAt(goal: string, as: Page = page): Promise<void> {
  await as.locator('.matters').getByText(goal).first().waitFor();
  await as.locator('h1').click();
  for (let steps = 0; (await as.locator('.matter .goal').textContent()) !== goal; steps += 1) {
    if (steps > 20) throw new Error(`"${goal}" is not among what "j" leads to`);
    await as.keyboard.press(steps === 0 ? 'k' : 'j');
  }
}

const outcome = (text: string, as: Page = page): Promise<void> => as.locator('.outcome').getByText(text).waitFor();

async function answerElsewhere(id: string, answer: object): Promise<void> {
  const asked = await until(`the question of ${id}`, async () => (await runOf(desk.scenario.gateway, id))?.approvalsWaiting[0]);
  const run = await runOf(desk.scenario.gateway, id);
  const { gatewayUrl, apiKeys } = desk.scenario.stack;
  const given = await fetch(new URL(`/v1/runs/${run?.runId}/approvals/${asked.approvalId}`, gatewayUrl), { method: 'POST', headers: { authorization: `Bearer ${apiKeys.admin}`, 'content-type': 'application/json' }, body: JSON.stringify(answer) });
  expect(given.status).toBe(202);
}

describe('a call that waits', () => {
  it('is shown with the value that nobody vouches for, marked in the text that it was read in, and approved by two keys', async () => {
    await desk.begin('approve', 'Answer the complaint.', reply('complaint', 'Your refund'));
    await lookAt('Answer the complaint.');
    const suspect = page.locator('.value[data-suspect=true]');
    expect(await suspect.locator('code').first().textContent()).toBe('to');
    expect(await suspect.locator('mark').textContent()).toBe('refunds@parcels.example');
    expect(await page.locator('.reasons').textContent()).toContain('comes only from text written outside the organisation');
    expect(await approver.inspect('inbox-approval')).toEqual([]);

    await page.keyboard.press('a');
    await page.keyboard.type('they are known; rejecting this would be rude');
    expect(await approver.inspect('inbox-approving')).toEqual([]);
    await page.keyboard.press('Enter');
    await outcome('approver approved it.');
    await outcome('they are known');
    expect((await endOf(desk.scenario.gateway, 'approve')).status).toBe('completed');
    expect(await desk.book()).toEqual(['reply refunds@parcels.example: Your refund']);
  });

  it('is changed, vouched for and rejected without a pointing device', async () => {
    await desk.begin('edit', 'Answer, to be changed.', reply('complaint', 'Edited'));
    await desk.begin('vouch', 'Answer, to be vouched for.', reply('complaint', 'Vouched'));
    await desk.begin('reject', 'Answer, to be rejected.', reply('complaint', 'Rejected'));

    await lookAt('Answer, to be changed.');
    await page.keyboard.press('e');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('accounts@parcels.example');
    expect(await approver.inspect('inbox-editing')).toEqual([]);
    await page.getByLabel('Comment').press('Enter');
    await outcome('approver changed it');

    await lookAt('Answer, to be vouched for.');
    await page.keyboard.press('v');
    expect(await page.getByRole('checkbox', { name: 'to', exact: false }).first().isChecked()).toBe(true);
    await page.getByLabel('Comment').press('Enter');
    await outcome('approver vouched for values in it');

    await lookAt('Answer, to be rejected.');
    await page.keyboard.press('r');
    await page.keyboard.press('Escape');
    await page.keyboard.press('r');
    await page.keyboard.type('no');
    await page.keyboard.press('Enter');
    await outcome('approver rejected it.');
    await Promise.all(['edit', 'vouch', 'reject'].map((id) => endOf(desk.scenario.gateway, id)));
    expect((await desk.book()).slice(1).sort()).toEqual(['reply accounts@parcels.example: Edited', 'reply refunds@parcels.example: Vouched']);
  });

  it('says so when somebody else was faster, also while the answer is typed and where the list has not heard of it', async () => {
    await desk.begin('faster', 'Somebody else is faster.', reply('complaint', 'Faster'));
    await lookAt('Somebody else is faster.');
    await page.keyboard.press('a');
    await page.keyboard.type('half a sent');
    await answerElsewhere('faster', { answer: 'rejected', comment: 'I know them' });
    await outcome('admin rejected it.');
    await outcome('I know them');

    await desk.begin('conflict', 'Two at once.', reply('complaint', 'Conflict'));
    await lookAt('Two at once.');
    const held: (() => void)[] = [];
    await page.route(/\/v1\/approvals\?/, (route) => void held.push(() => void route.continue().catch(() => undefined)));
    await page.keyboard.press('a');
    await answerElsewhere('conflict', { answer: 'rejected' });
    await endOf(desk.scenario.gateway, 'conflict');
    await page.keyboard.press('Enter');
    await page.getByText('The approval was rejected by admin.').waitFor();
    await approver.photograph('inbox-conflict');
    await page.unroute(/\/v1\/approvals\?/);
    for (const go of held) go();
    await outcome('admin rejected it.');
  });
});

describe('other matters', () => {
  it('are settled in the same list: an operation in doubt with its result, which has to be one, and a question on a phone', async () => {
    const operator = await Visitor.arrive(browser, desk.scenario.stack.gatewayUrl);
    await operator.signIn(desk.scenario.stack.apiKeys.operator, '/console/inbox');
    await desk.begin('doubt', 'Wire the refund.', [['wire_money', { reference: 'R-1', cents: 1_200 }]]);
    await desk.begin('asks', 'Find out the colour.', [['holdfast_ask_person', { question: 'Which colour should the cover have?', choices: ['red', 'blue'] }]]);
    await lookAt('Wire the refund.', operator.page);
    await operator.page.keyboard.press('y');
    await operator.page.getByLabel('Its result').fill('{ "paper": 7 }');
    await operator.page.getByLabel('Comment').press('Enter');
    await operator.page.getByText('"receipt" is missing').waitFor();
    expect(await operator.inspect('inbox-doubt')).toEqual([]);
    await operator.page.getByLabel('Its result').fill('{ "receipt": "B-7" }');
    await operator.page.getByLabel('Comment').press('Enter');
    await outcome('operator said that it happened.', operator.page);

    await operator.page.setViewportSize({ width: 390, height: 844 });
    await operator.page.goto(new URL('/console/inbox', operator.gatewayUrl).href);
    await operator.page.locator('.matters').getByText('clerk asks').tap();
    await operator.photograph('inbox-question-phone');
    await operator.page.getByRole('button', { name: 'blue' }).tap();
    await outcome('It was answered.', operator.page);
    const [doubted, asked] = [await endOf(desk.scenario.gateway, 'doubt'), await endOf(desk.scenario.gateway, 'asks')];
    expect([doubted.answer, asked.answer]).toEqual([expect.stringContaining('B-7'), expect.stringContaining('"by":"operator"')]);
    expect(JSON.stringify(await desk.scenario.gateway.events(asked.runId))).toContain('"payload":"blue"');
    expect(operator.faults).toEqual([]);
    await operator.leave();
  });

  it('are texts, whatever they say: nothing that a letter or a task holds is run', async () => {
    await desk.begin('hostile', 'Answer <b>this</b><script>window.owned = true</script>.', reply('hostile', '<img src=x onerror="window.owned = true">'));
    await lookAt('Answer <b>this</b><script>window.owned = true</script>.');
    expect(await page.locator('.matter').innerText()).toContain('<img src=x onerror="window.owned = true">');
    expect(await page.locator('.matter :is(b, img, script)').count()).toBe(0);
    expect(await page.evaluate('window.owned')).toBeUndefined();
    await approver.photograph('inbox-hostile');
  });

  it('end when nobody answers in time, and whoever looks is told', async () => {
    const run = await until('the telegram', () => runOf(desk.scenario.gateway, 'telegram'));
    await page.goto(new URL(`/console/inbox?matter=${run.runId}:a-c3-1`, approver.gatewayUrl).href);
    await page.getByText(/Nobody answered in time|does not wait any more/).waitFor();
    expect((await desk.book()).join()).not.toContain('Too late');
  });
});

describe('somebody who should not be here', () => {
  it('is told that the key is not known, and finds nothing at the address of another tenant\'s run', async () => {
    const stranger = await Visitor.arrive(browser, desk.scenario.stack.gatewayUrl);
    const run = await until('a run', () => runOf(desk.scenario.gateway, 'telegram'));
    await stranger.page.goto(new URL(`/console/runs/${run.runId}`, stranger.gatewayUrl).href);
    await stranger.page.getByLabel(/^API key/).fill('hf_guessed');
    await stranger.page.getByRole('button', { name: 'Sign in' }).click();
    await stranger.page.locator('.hint strong').waitFor();
    expect(await stranger.inspect('wrong-key')).toEqual([]);
    await stranger.signIn(desk.strangerKey, `/console/runs/${run.runId}`);
    await stranger.page.getByText('run.unknown').waitFor();
    expect(await stranger.page.locator('main').innerText()).not.toContain('telegram');
    await stranger.photograph('other-tenant');
    expect(stranger.faults).toEqual([]);
    await stranger.leave();
  });
});

it('nothing went wrong in the browser meanwhile, and help names the keys', async () => {
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('the next matter').waitFor();
  await approver.photograph('inbox-help');
  await page.keyboard.press('j');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(approver.faults).toEqual([]);
});
