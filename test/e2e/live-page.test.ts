import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { becomesTrue, fictionalMobile, type SampleCrm, startBrowser, startSampleCrm } from '../../lab/index.ts';
import { errorText } from '../../src/kernel/index.ts';
import { entry, fallback, queue, Site } from '../integration/support/site.ts';
import { keySecret } from '../integration/support/stream-reader.ts';
import { buildPage, LivePage } from './support/live-page.ts';
import { pictureMs, playPicture } from './support/picture.ts';
import { recipeOf, sizeOf, withRecipe } from './support/png.ts';

const users = [
  { id: 'watcher', role: 'supervisor' },
  { id: 'slow', role: 'agent', agentId: 'slow' },
  { id: 'desk', role: 'agent', agentId: 'desk' },
] as const;
type UserId = (typeof users)[number]['id'];
const passwordOf = (id: UserId): string => `correct horse ${id}`;
const wallboard = keySecret();
/** Customers of the sample CRM; each calls once, for the site knows a call by its number. */
const numbers = {
  vip: fictionalMobile(1),
  gold: fictionalMobile(2),
  silver: fictionalMobile(3),
  english: fictionalMobile(4),
};

/** An agent's phone that rings until the test picks it up. */
const phones = `[live-page]
exten => slow,1,Ringing()
 same => n(ring),Wait(0.1)
 same => n,GotoIf($["\${PICKED_UP}" = "yes"]?up:ring)
 same => n(up),Answer()
 same => n,Wait(3600)`;

const picturePath = new URL('../../docs/images/live-page.png', import.meta.url);

let browser: Browser | undefined;
let noBrowser: string | undefined;
let crm: SampleCrm;
let site: Site;
let live: LivePage | undefined;

beforeAll(async () => {
  browser = await startBrowser().catch((error: unknown) => {
    noBrowser = `no Chromium: ${errorText(error)}`;
    process.stderr.write(`NOT TESTED HERE, ${noBrowser}\n`);
    return undefined;
  });
  if (!browser) return;
  await buildPage();
  crm = await startSampleCrm();
  site = await Site.open({
    crm,
    crmTemplate: 'sample',
    dialplan: phones,
    numbers: [entry, { ...entry, id: 'accept', number: '4002', queue: 'accept' }],
    queues: [
      { ...queue, wrapUpMs: '60s' },
      { ...queue, id: 'accept', offer: 'accept', wrapUpMs: '60s', overflow: fallback },
    ],
    agents: [
      { id: 'slow', endpoint: 'Local/slow@live-page' },
      { id: 'desk', endpoint: 'Local/answer1@lab-agents', queues: ['accept'] },
    ],
    apiKeys: [{ id: 'wallboard', kind: 'integration', scopes: ['events:read'], secret: wallboard }],
  });
  for (const user of users) await site.server.addUser({ ...user, password: passwordOf(user.id) });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
  await crm?.stop();
});

beforeEach((context) => {
  if (noBrowser !== undefined) context.skip(noBrowser);
});

afterEach(async () => {
  if (!site) return;
  const errors = live?.errors ?? [];
  await live?.close();
  live = undefined;
  await site.clear();
  if (errors.length > 0) throw new Error(`the page complained: ${errors.join('; ')}`);
});

async function open(user: UserId, options = {}): Promise<LivePage> {
  if (!browser) throw new Error('no browser');
  live = await LivePage.open(browser, site.server.url, options);
  await live.signIn(user, passwordOf(user));
  return live;
}

/** Opens the page of an agent who has begun to work by its button. */
async function atWork(agentId: 'slow' | 'desk', options = {}): Promise<LivePage> {
  const desk = await open(agentId, options);
  await desk.button('Start work').click();
  await desk.page.locator('[data-presence="available"]').waitFor();
  return desk;
}

const pickUp = () => site.asterisk.cli('dialplan set global PICKED_UP yes');
const letRing = () => site.asterisk.cli('dialplan set global PICKED_UP no');

describe('the door', () => {
  it('lets nobody in with a wrong password, says so, and forgets who it was when the page is left', async () => {
    live = await LivePage.open(browser!, site.server.url);
    await live.page.locator('#user').waitFor();
    expect(await live.audit('door')).toEqual([]);
    await live.page.locator('#user').fill('watcher');
    await live.page.locator('#password').fill('wrong horse');
    await live.page.keyboard.press('Enter');
    await live.page.getByRole('alert').filter({ hasText: 'name or password is wrong' }).waitFor();
    await live.signIn('watcher', passwordOf('watcher'));
    const kept = await live.page.evaluate<string>('JSON.stringify([localStorage, sessionStorage, document.cookie])');
    expect(kept).not.toMatch(/horse|watcher|eyJ/);
    await live.page.reload();
    await live.page.locator('#user').waitFor();
  });

  it('takes an API key instead, for machines without people', async () => {
    live = await LivePage.open(browser!, site.server.url);
    await live.button('Use an API key instead').click();
    await live.page.locator('#key').fill(`rmk_wallboard_${'x'.repeat(43)}`);
    await live.page.keyboard.press('Enter');
    await live.page.getByRole('alert').filter({ hasText: 'the key is not valid' }).waitFor();
    await live.page.locator('#key').fill(`rmk_wallboard_${wallboard}`);
    await live.page.keyboard.press('Enter');
    await live.linkIs('Live');
    await live.page.locator('ringmaster-agents').waitFor();
    await live.button('Sign out of this page').click();
    await live.page.locator('ringmaster-sign-in').waitFor();
    expect(await live.page.locator('ringmaster-agents').count()).toBe(0);
  });
});

describe('who watches', () => {
  it('sees a call wait and age, then ring at an agent with the card, then the agent talk', async () => {
    const watcher = await open('watcher');
    const caller = await site.enqueue({ number: numbers.gold });
    const row = watcher.page.locator(`ringmaster-waiting li[data-call="${caller.id}"]`);
    await row.waitFor();
    expect(await row.textContent()).toMatch(/李伟[\s\S]*gold[\s\S]*139\*\*\*\*0002/);
    const age = row.locator('ringmaster-age');
    const first = await age.textContent();
    await becomesTrue(async () => (await age.textContent()) !== first, 5_000);
    expect(await age.textContent()).not.toBe(first);
    expect(await watcher.audit('watching a waiting call')).toEqual([]);

    await letRing();
    await site.room.signIn('slow');
    const card = watcher.page.locator('ringmaster-offers ringmaster-card .lines');
    await card.waitFor();
    expect(await card.textContent()).toContain('李伟');
    await pickUp();
    await watcher.page.locator('ringmaster-agents li[data-agent="slow"]', { hasText: 'Talking' }).waitFor();
    expect(await row.count()).toBe(0);
    await watcher.page.locator('ringmaster-latest li', { hasText: 'slow talks with' }).waitFor();
  });
});

describe('an agent', () => {
  it('sees who calls before the answer, hears it once, and works the call with its buttons', async () => {
    const desk = await atWork('slow');
    await letRing();
    const said = await desk.noteAnnouncements();
    expect(await desk.audit('free')).toEqual([]);
    const caller = await site.arrive({ number: numbers.vip });
    await desk.phase('offering');
    const card = desk.ownCall.locator('ringmaster-card .lines');
    const text = (await card.textContent()) ?? '';
    expect(site.room.ofCall(caller.id).map(({ type }) => type)).not.toContain('call.answered.v1');
    // The order in which agents read: who, how sure, number, worth, dialled, history, age of the data.
    const order = ['王秀英', 'up to date', 'VIP', 'Dialled 4001', 'Open tickets', 'Data from'];
    expect(order.map((part) => text.indexOf(part))).toEqual(
      order.map((part) => text.indexOf(part)).toSorted((a, b) => a - b),
    );
    expect(text.indexOf('王秀英')).toBeGreaterThan(-1);

    await pickUp();
    await desk.phase('talking');
    expect(await desk.ownCall.locator('ringmaster-number .figures').textContent()).toBe('139****0001');
    await desk.button('Show in full').click();
    await desk.page.keyboard.type('customer asked to be called back');
    expect(await desk.audit('talking, asked why')).toEqual([]);
    await desk.page.locator('ringmaster-number button.main').click();
    await desk.ownCall.getByText(numbers.vip).waitFor();
    await desk.button('Hold').click();
    await site.see('call.held.v1', caller.id);
    await desk.phase('held');
    await desk.button('Resume').click();
    await site.see('call.resumed.v1', caller.id);
    await desk.phase('talking');
    await desk.button('Hang up').click();
    await site.see('call.wrapup.started.v1', caller.id);
    await desk.phase('wrapUp');
    expect(await desk.focusedPart()).toBe('ringmaster-own-call');
    await desk.button('End wrap-up').click();
    await site.ended(caller.id);
    await desk.ownCall.getByText('No call. The next one appears here.').waitFor();
    expect((await said()).filter((line) => line.includes('Incoming call'))).toEqual([
      'Incoming call for support: 王秀英, VIP, platinum.',
    ]);
  });

  it('accepts with a key, and not while an input method composes', async () => {
    const desk = await atWork('desk');
    const caller = await site.arrive({ target: '4002' });
    await desk.phase('offering');
    expect(await desk.audit('offered')).toEqual([]);
    await desk.keydown({ code: 'KeyA', altKey: true, shiftKey: true, isComposing: true });
    await desk.keydown({ code: 'KeyA' });
    expect((await site.agent('desk')).routing).toBe('offered');
    await desk.page.keyboard.press('Alt+Shift+A');
    await site.see('call.connected.v1', caller.id);
    await desk.phase('talking');
    await desk.choose('pop', 'off');
    await desk.button('Show customer').waitFor();
    expect(await desk.ownCall.locator('ringmaster-card').count()).toBe(0);
    await desk.page.keyboard.press('Alt+Shift+C');
    await desk.ownCall.locator('ringmaster-card').waitFor();
  });

  it('does everything by keyboard alone: begins to work, transfers, keeps the focus while a call pops', async () => {
    const desk = await open('desk');
    await desk.tabTo('Start work');
    await desk.page.keyboard.press('Enter');
    await desk.page.locator('[data-presence="available"]').waitFor();
    await desk.tabTo('Break');
    const caller = await site.arrive({ target: '4002' });
    await desk.phase('offering');
    expect(await desk.focusedPart()).toBe('ringmaster-presence');
    await desk.tabTo('Accept');
    await desk.page.keyboard.press('Enter');
    await desk.phase('talking');
    await desk.page.keyboard.press('Alt+Shift+T');
    await desk.page.locator('ringmaster-transfer #kind').waitFor();
    expect(await desk.audit('transferring')).toEqual([]);
    await desk.page.locator('ringmaster-transfer #kind').focus();
    await desk.page.keyboard.press('N');
    await desk.page.keyboard.press('Tab');
    await desk.page.keyboard.type('5000');
    await desk.page.keyboard.press('Enter');
    await site.see('call.transferred.v1', caller.id);
  });

  it('asks somebody first, and comes back to the caller', async () => {
    const desk = await atWork('desk');
    const caller = await site.arrive({ target: '4002' });
    await desk.phase('offering');
    await desk.button('Accept').click();
    await desk.phase('talking');
    await desk.button('Transfer').click();
    await desk.page.locator('ringmaster-transfer #kind').selectOption('number');
    await desk.page.locator('ringmaster-transfer #to').fill('5000');
    await desk.button('Ask first').click();
    await desk.ownCall.locator('[data-situation="private"]').waitFor();
    expect(await desk.audit('in private')).toEqual([]);
    await desk.button('Back to the caller').click();
    await site.see('call.consult.ended.v1', caller.id);
    await desk.ownCall.locator('[data-situation="talking"]').waitFor();
    await desk.button('Keypad').click();
    await desk.page.locator('ringmaster-keypad #digits').fill('12#');
    await desk.button('Send').click();
    expect((await site.see('call.keys.sent.v1', caller.id)).data.agentId).toBe('desk');
  });

  it('is told why a command did not work', async () => {
    const desk = await atWork('desk');
    await site.arrive({ target: '4002' });
    await desk.phase('offering');
    await desk.page.route('**/accept', (route) =>
      route.fulfill({ status: 409, json: { error: { code: 'call.wrong_phase', message: 'no', mend: '' } } }),
    );
    await desk.button('Accept').click();
    await desk.page.locator('.failure').waitFor();
    expect(await desk.page.locator('.failure').textContent()).toBe('Accept did not work: the call has moved on');
  });
});

describe('a server that is killed', () => {
  it('is found again by the page, which goes on where it stood and pops nothing old', async () => {
    const desk = await atWork('slow');
    const caller = await site.arrive({ number: numbers.silver });
    await pickUp();
    await desk.phase('talking');
    const said = await desk.noteAnnouncements();
    await site.server.kill9();
    await desk.linkIs('No connection');
    expect(await desk.button('Hold').getAttribute('aria-disabled')).toBe('true');
    expect(await desk.audit('without a connection')).toEqual([]);
    await site.server.start();
    await site.reopen();
    await desk.linkIs('Live');
    await desk.phase('talking');
    expect(await said()).toEqual([]);
    await desk.button('Hold').click();
    await site.see('call.held.v1', caller.id);
  });
});

describe('the page', () => {
  it('speaks the language of the browser, or the one chosen, and keeps the choice', async () => {
    live = await LivePage.open(browser!, site.server.url, { locale: 'zh-CN' });
    await live.signIn('slow', passwordOf('slow'), '实时');
    expect(await live.page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await live.choose('language', 'en');
    await live.linkIs('Live');
    await live.page.reload();
    await live.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await live.page.title()).toBe('Ringmaster · live');
  });

  it('is dark where the device is, and as chosen', async () => {
    const desk = await open('watcher', { colorScheme: 'dark' });
    const background = () => desk.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(await background()).toBe('rgb(17, 21, 27)');
    await desk.choose('theme', 'light');
    expect(await background()).toBe('rgb(243, 245, 248)');
  });

  it('fits into 320 pixels, in each of its states', async () => {
    const small = { viewport: { width: 320, height: 640 } };
    const watcher = await open('watcher', small);
    await site.enqueue({ number: numbers.english });
    await watcher.page.locator('ringmaster-waiting li').waitFor();
    expect(await watcher.scrollsSideways()).toBe(false);
    await watcher.close();
    await letRing();
    const desk = await atWork('slow', small);
    await desk.phase('offering');
    expect(await desk.scrollsSideways()).toBe(false);
    await pickUp();
    await desk.phase('talking');
    await desk.button('Transfer').click();
    expect(await desk.scrollsSideways()).toBe(false);
    await desk.page.locator('ringmaster-settings summary').click();
    expect(await desk.scrollsSideways()).toBe(false);
  });
});

describe('the picture of the README', () => {
  it('is what the page looks like; UPDATE_PICTURE=1 takes it anew', async () => {
    const options = { timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce', colorScheme: 'light' } as const;
    const context = await browser!.newContext({ locale: 'en-GB', viewport: { width: 1360, height: 840 }, ...options });
    live = LivePage.on(await context.newPage());
    const { page } = live;
    await page.clock.setFixedTime(pictureMs);
    const openApi = await (await fetch(`${site.server.url}/v1/openapi.json`)).json();
    await playPicture(page, openApi as object);
    await page.goto(site.server.url);
    await live.signIn('lin', 'made up');
    await live.phase('talking');
    await page.locator('ringmaster-latest li').nth(4).waitFor();
    await page.evaluate('document.fonts.ready');
    const taken = await page.screenshot();
    // What a reader would notice: every word of the page, and its size. Pixels differ with the fonts of the machine.
    const words = await page.locator('body').ariaSnapshot();
    const recipe = createHash('sha256')
      .update(JSON.stringify([sizeOf(taken), words]))
      .digest('hex');
    if (process.env['UPDATE_PICTURE'] === '1') writeFileSync(picturePath, withRecipe(taken, recipe));
    const committed = readFileSync(picturePath);
    expect(sizeOf(committed)).toEqual(sizeOf(taken));
    expect(recipeOf(committed)).toBe(recipe);
  });
});
