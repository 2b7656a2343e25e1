import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { build } from 'vite';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Builds the page where the server serves it from, so that what is tested is what lies in the tree. */
export async function buildPage(): Promise<void> {
  const configFile = fileURLToPath(new URL('../../../vite.config.ts', import.meta.url));
  await build({ configFile, logLevel: 'error' });
}

/** A desk in a browser window of its own, with what went wrong in it. */
export class LivePage {
  readonly page: Page;
  /** Errors of scripts, of the console, and refused by the content security policy. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      // A server that is away is the matter of a test, and the browser reports it by itself.
      if (message.type() === 'error' && !/ERR_CONNECTION_REFUSED|status of 4\d\d|WebSocket/.test(message.text())) {
        this.errors.push(message.text());
      }
    });
  }

  /** The page that is about to be opened in this window. */
  static on(page: Page): LivePage {
    return new LivePage(page);
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<LivePage> {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
    const live = new LivePage(await context.newPage());
    live.page.setDefaultTimeout(10_000);
    await live.page.goto(url);
    return live;
  }

  /** Signs in, and waits until the page is live as it says in its language. */
  async signIn(user: string, password: string, isLive = 'Live'): Promise<void> {
    await this.page.locator('#user').fill(user);
    await this.page.locator('#password').fill(password);
    await this.page.keyboard.press('Enter');
    await this.linkIs(isLive);
  }

  async linkIs(text: string): Promise<void> {
    await this.page.locator('#link', { hasText: text }).waitFor();
  }

  get ownCall(): Locator {
    return this.page.locator('ringmaster-own-call');
  }

  /** Waits until the own call is in this phase. */
  async phase(name: string): Promise<void> {
    await this.ownCall.locator(`[data-phase="${name}"]`).waitFor();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  /** Notes each text that the assertive region takes from now on. */
  async noteAnnouncements(): Promise<() => Promise<readonly string[]>> {
    await this.page.evaluate(`{
      const part = (root, name) => root.querySelector(name).shadowRoot;
      const announcer = part(part(document, 'ringmaster-desk'), 'ringmaster-announcer');
      const region = announcer.querySelector('#urgent');
      globalThis.said = [];
      const options = { childList: true, characterData: true, subtree: true };
      new MutationObserver(() => said.push(region.textContent)).observe(region, options);
    }`);
    return () => this.page.evaluate<readonly string[]>('said');
  }

  /** The text of what has the focus, through all shadow roots. */
  private async focusedText(): Promise<string> {
    return this.page.evaluate<string>(`(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return String(element?.textContent ?? '');
    })()`);
  }

  /** The custom element inside the page that holds the focus. */
  async focusedPart(): Promise<string> {
    return this.page.evaluate<string>("document.activeElement?.shadowRoot?.activeElement?.localName ?? ''");
  }

  /** Presses Tab until the focus is on something with this text. */
  async tabTo(text: string): Promise<void> {
    for (let step = 0; step < 40; step += 1) {
      await this.page.keyboard.press('Tab');
      if ((await this.focusedText()).includes(text)) return;
    }
    throw new Error(`Tab does not reach ${text}`);
  }

  /** A key event as the browser would send it, with what cannot be pressed here, such as `isComposing`. */
  async keydown(init: object): Promise<void> {
    await this.page.evaluate(
      `document.dispatchEvent(new KeyboardEvent('keydown', ${JSON.stringify({ bubbles: true, ...init })}))`,
    );
  }

  /** Opens the settings, chooses, and closes them. */
  async choose(name: 'language' | 'theme' | 'pop', value: string): Promise<void> {
    await this.page.locator('ringmaster-settings summary').click();
    await this.page.locator(`select[name="${name}"]`).selectOption(value);
    await this.page.keyboard.press('Escape');
  }

  /** Every finding of axe-core in a line, in light and dark and in both languages; empty when there is none. */
  async audit(state: string): Promise<readonly string[]> {
    const found: string[] = [];
    const look = async (language: string, colorScheme: 'light' | 'dark'): Promise<void> => {
      await this.page.emulateMedia({ colorScheme });
      for (const line of await this.violations()) found.push(`${state}, ${language}, ${colorScheme}: ${line}`);
    };
    await look('en', 'light');
    await look('en', 'dark');
    await this.choose('language', 'zh');
    await look('zh', 'dark');
    await look('zh', 'light');
    await this.choose('language', 'en');
    return found;
  }

  private async violations(): Promise<readonly string[]> {
    await this.page.evaluate(axeSource);
    const results = await this.page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
    return results.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.flat().join(' ')}: ${failureSummary ?? ''}`),
    );
  }

  /** Whether anything is wider than the window. */
  async scrollsSideways(): Promise<boolean> {
    return this.page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
