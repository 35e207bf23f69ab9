import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { REPOSITORY } from '@holdfast/deploy';

export type Theme = 'light' | 'dark';
export type Device = 'desk' | 'phone';

const SIZES: Readonly<Record<Device, { readonly width: number; readonly height: number }>> = { desk: { width: 1_280, height: 800 }, phone: { width: 390, height: 844 } };
const THEMES: readonly Theme[] = ['light', 'dark'];
const DEVICES: readonly Device[] = ['desk', 'phone'];

/** Where pictures of what was seen are kept; Git ignores the folder. */
const ARTEFACTS = join(REPOSITORY, '.holdfast', 'artefacts', 'console');
/** How long a person would wait for something to appear, in milliseconds. */
const PATIENCE_MS = 30_000;

/** Somebody with a browser of their own, who keeps pictures and remembers whatever went wrong in it. */
export class Visitor {
  /** Exceptions, refusals of the content security policy and dialogs; there should be none. */
  readonly faults: string[] = [];

  private constructor(private readonly context: BrowserContext, readonly page: Page, readonly gatewayUrl: string) {}

  static async arrive(browser: Browser, gatewayUrl: string): Promise<Visitor> {
    const context = await browser.newContext({ viewport: SIZES.desk, colorScheme: 'light', reducedMotion: 'reduce', hasTouch: true });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const visitor = new Visitor(context, page, gatewayUrl);
    page.on('pageerror', (error) => visitor.faults.push(`exception: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content.Security.Policy/i.test(message.text())) visitor.faults.push(`policy: ${message.text()}`);
    });
    page.on('dialog', (dialog) => {
      visitor.faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return visitor;
  }

  /** Opens the console with a key, as a person who types it in. */
  async signIn(key: string, at = '/console/'): Promise<void> {
    await this.page.goto(new URL(at, this.gatewayUrl).href);
    await this.page.getByLabel(/^API key/).fill(key);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.getByRole('navigation', { name: 'Areas' }).waitFor();
  }

  /** Follows a link of the main navigation. */
  async visit(name: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name }).click();
    await this.page.getByRole('heading', { level: 1, name }).waitFor();
  }

  /** Keeps a picture of what is seen. */
  async photograph(name: string): Promise<void> {
    await mkdir(ARTEFACTS, { recursive: true });
    await this.page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  }

  /** Looks at the page in both themes, at a desk and on a phone, keeps pictures, and tells what axe finds serious or critical, and whatever is wider than the screen. */
  async inspect(name: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const device of DEVICES) {
      await this.page.setViewportSize(SIZES[device]);
      for (const theme of THEMES) {
        await this.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        await this.photograph(`${name}-${device}-${theme}`);
        found.push(...(await this.seriousFindings()).map((finding) => `${name}, ${device}, ${theme}: ${finding}`));
        const overflow = Number(await this.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'));
        if (overflow > 0) found.push(`${name}, ${device}, ${theme}: the page is ${overflow} pixels wider than the screen`);
      }
    }
    await this.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await this.page.setViewportSize(SIZES.desk);
    return found;
  }

  /** axe is put in by the debugger, which the page's own content security policy does not concern. */
  private async seriousFindings(): Promise<readonly string[]> {
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(axe.source);
    const results = (await this.page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults;
    return results.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.slice(0, 3).map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`).join('; ')})`);
  }

  leave(): Promise<void> {
    return this.context.close();
  }
}
