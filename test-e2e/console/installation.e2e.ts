import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { NARROWED } from '../scenarios/drift/shop.ts';
import { endOf, runOf, until } from '../scenarios/installation.fixture.js';
import { startChromium } from './browser/chromium.js';
import { Visitor } from './browser/visitor.js';
import { startDesk, type Desk } from './desk/desk.fixture.js';

let desk: Desk;
let browser: Browser;
let admin: Visitor;
let page: Page;

beforeAll(async () => {
  browser = await startChromium();
  desk = await startDesk();
  admin = await Visitor.arrive(browser, desk.scenario.stack.gatewayUrl);
  ({ page } = admin);
  await admin.signIn(desk.scenario.stack.apiKeys.admin);
});
afterAll(async () => {
  await browser?.close();
  await desk?.stop();
});

const ask = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Record<string, unknown>> => {
  const { gatewayUrl, apiKeys } = desk.scenario.stack;
  const answer = await fetch(new URL(path, gatewayUrl), { method, headers: { authorization: `Bearer ${apiKeys.admin}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return (await answer.json()) as Record<string, unknown>;
};

describe('agents', () => {
  it('are shown with their versions, routed with what was seen, and revoked with a reason', async () => {
    const { agents } = await ask('GET', '/v1/agents') as { agents: { name: string; deployed: string }[] };
    const deployed = agents.find(({ name }) => name === 'clerk')?.deployed ?? '';
    const { declaration } = await ask('GET', `/v1/agents/clerk/versions/${deployed}`) as { declaration: Record<string, unknown> };
    const { digest: _, ...rest } = declaration;
    const { digest } = await ask('POST', '/v1/agents/clerk/versions', { declaration: { ...rest, instructions: 'Answers letters kindly.' } }) as { digest: string };

    await admin.visit('Agents');
    const clerk = page.getByRole('region', { name: 'clerk', exact: true });
    await clerk.getByRole('link', { name: digest.slice(0, 12) }).waitFor();
    await clerk.getByRole('button', { name: 'Change the route' }).click();
    await page.getByLabel(digest.slice(0, 12)).fill('25');
    await page.getByLabel(deployed.slice(0, 12)).fill('75');
    expect(await admin.inspect('agents-route')).toEqual([]);
    await page.getByRole('button', { name: 'Set this route' }).click();
    await clerk.getByText('25 %').waitFor();

    const row = clerk.getByRole('row').filter({ hasText: digest.slice(0, 12) });
    await row.getByRole('button', { name: 'Revoke' }).click();
    await page.getByLabel('Reason').fill('too kind');
    await page.getByRole('button', { name: 'Revoke for good' }).click();
    await row.getByText('revoked').waitFor();
    expect(await admin.inspect('agents')).toEqual([]);
    await row.getByRole('link').click();
    await page.getByText('Answers letters kindly.').waitFor();
    await page.getByText('too kind').waitFor();
    expect(await admin.inspect('agents-version')).toEqual([]);
  });
});

describe('a tool', () => {
  it('whose server changed is shown with what changed, and goes on when an admin accepts it', async () => {
    desk.shop.document = NARROWED;
    await until('the quarantine', async () => ((await ask('GET', '/v1/tools/shop_order'))['status'] === 'quarantined' ? true : undefined));
    await desk.begin('order', 'Order paper.', [['shop_order', { reference: 'paper', quantity: 7 }]]);
    await until('the call to be parked', async () => ((await runOf(desk.scenario.gateway, 'order'))?.standing === 'parked' ? true : undefined));

    await admin.visit('Tools');
    expect(await admin.inspect('tools')).toEqual([]);
    await page.getByRole('row').filter({ hasText: 'Quarantined' }).getByRole('link', { name: 'shop_order' }).click();
    await page.getByText('A call waits for it').waitFor();
    await page.locator('.differences li[data-breaking=true]').getByText('quantity').waitFor();
    expect(await admin.inspect('tools-quarantined')).toEqual([]);
    await page.getByRole('button', { name: 'Accept what it offers' }).click();
    await page.getByLabel('Comment').fill('the shop told us');
    await page.getByRole('button', { name: 'Accept it' }).click();
    await page.getByText('Accepted by admin').waitFor();
    expect((await endOf(desk.scenario.gateway, 'order')).status).toBe('completed');
    expect(desk.shop.orders).toEqual(['paper']);
  });
});

describe('dead letters', () => {
  it('are listed, or said to be none', async () => {
    await admin.visit('Dead letters');
    await page.getByText('Everything that came could be processed.').waitFor();
    expect(await admin.inspect('dead-letters')).toEqual([]);
  });
});

it('nothing went wrong in the browser meanwhile', () => expect(admin.faults).toEqual([]));
