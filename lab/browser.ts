import { type Browser, chromium } from 'playwright-core';
import { needTool } from './provision.ts';

/** Debian's Chromium without a window; its pages reach loopback only as far as the tests let them. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = await needTool('chromium');
  // Chromium's sandbox refuses to work for root; what it opens here is our own page.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...args, '--disable-dev-shm-usage', '--font-render-hinting=none'] });
}
