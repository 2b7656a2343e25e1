import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type SampleCrm, startSampleCrm } from '../../lab/index.ts';
import { checkStory, entry, queue, Site } from './support/site.ts';

const menu = { prompt: ['sound:menu'], timeoutMs: '1s', attempts: 3, wrongKey: ['sound:wrong-key'] };
const flow = {
  id: 'hotline',
  steps: {
    language: {
      menu: {
        ...menu,
        prompt: ['sound:menu-zh', 'sound:beep'],
        keys: {
          '1': { target: 'main', language: 'zh', label: '中文' },
          '2': { target: 'main', language: 'en', label: 'English' },
        },
      },
    },
    main: {
      menu: {
        ...menu,
        keys: {
          '1': { target: 'order', label: 'Order' },
          '*': { target: 'back' },
          '0': { target: 'queue:repair', label: 'Operator' },
        },
      },
    },
    order: {
      collect: {
        prompt: ['sound:beep'],
        into: 'order',
        digitsMin: 4,
        digitsMax: 12,
        timeoutMs: '1s',
        attempts: 2,
        check: 'orders',
        unknown: ['sound:wrong-key'],
        next: 'known',
        otherwise: 'queue:support',
      },
    },
    known: { say: { prompt: ['sound:beep'], next: 'who' } },
    who: {
      decide: [{ if: 'caller.known && call.data.order != ""', target: 'queue:repair' }, { target: 'queue:support' }],
    },
  },
};

let site: Site;
let crm: SampleCrm;
/** Of the third customer of the sample CRM. */
const order = '000030';

beforeAll(async () => {
  crm = await startSampleCrm();
  site = await Site.open({
    crm,
    orderCheck: { deadlineMs: '400ms' },
    lookup: { deadlineMs: '200ms' },
    flows: [flow],
    // Heard in Chinese only where the number says so.
    numbers: [{ ...entry, language: 'zh', flow: 'hotline' }],
    queues: [queue, { ...queue, id: 'repair' }],
  });
});

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await crm?.[Symbol.asyncDispose]();
});

afterEach(() => {
  crm.setBehaviour({ failure: 'none', delayMs: 0 });
  return site.clear();
});

const asked = (id: string, step: string, attempt = 1) =>
  site.see('call.menu.asked.v1', id, ({ data }) => data.menu === step && data.attempt === attempt);
const askedDigits = (id: string, attempt = 1) =>
  site.see('call.input.asked.v1', id, ({ data }) => data.attempt === attempt);

async function atOrder(number?: string) {
  const caller = await site.arrive(number === undefined ? {} : { number });
  await asked(caller.id, 'language');
  await caller.sip.press('2');
  await asked(caller.id, 'main');
  await caller.sip.press('1');
  await askedDigits(caller.id);
  return caller;
}

describe('a menu of two levels in two languages', () => {
  it('wrong key, English, back, Chinese, operator', async () => {
    const { id, sip } = await site.arrive();
    await asked(id, 'language');
    await sip.press('8');
    expect((await asked(id, 'language', 2)).data.reason).toBe('wrongKey');
    await sip.press('2');
    expect((await asked(id, 'main')).data.call.language).toBe('en');
    await sip.press('*');
    await site.see('call.menu.asked.v1', id, ({ data }) => data.menu === 'language' && data.reason === 'repeat');
    await sip.press('1');
    await site.see('call.menu.asked.v1', id, ({ data }) => data.menu === 'main' && data.call.language === 'zh');
    await sip.press('0');
    expect((await site.see('call.queued.v1', id)).data.call).toMatchObject({
      queueId: 'repair',
      language: 'zh',
      menuPath: [
        { menu: 'language', key: '1', label: '中文' },
        { menu: 'main', key: '0', label: 'Operator' },
      ],
    });
    sip.hangUp();
    await site.ended(id);
    checkStory(site.room.ofCall(id));
  });
});

describe('an order number by keypad', () => {
  it('that the CRM knows: confirmed, with the product, and a condition sees it', async () => {
    const { id, sip } = await atOrder('13900000003');
    await sip.type(`${order}#`);
    const { data } = await site.see('call.input.left.v1', id);
    expect(data).toMatchObject({ outcome: 'confirmed', name: 'order', attempts: 1 });
    expect(JSON.stringify({ ...data, call: 0 })).not.toContain(order);
    expect((await site.see('call.queued.v1', id)).data.call).toMatchObject({
      queueId: 'repair',
      data: { order, 'order.check': 'confirmed', 'order.customer': 'C00003' },
    });
  });

  it('that nobody knows is asked for again; then silence: the default', async () => {
    const { id, sip } = await atOrder();
    await sip.type('999999#');
    expect((await askedDigits(id, 2)).data.reason).toBe('unknown');
    expect((await site.see('call.input.left.v1', id)).data).toMatchObject({ outcome: 'timeout', attempts: 2 });
    expect((await site.see('call.queued.v1', id)).data.call.queueId).toBe('support');
  });

  it.each([
    ['dead', { failure: 'reset' }],
    ['slow', { delayMs: 3_000 }],
  ] as const)('while the CRM is %s: the caller goes on, unchecked', async (_name, behaviour) => {
    const { id, sip } = await atOrder();
    crm.setBehaviour(behaviour);
    await sip.type(`${order}#`);
    expect((await site.see('call.input.left.v1', id)).data.outcome).toBe('unchecked');
    expect((await site.see('call.queued.v1', id)).data.call.data).toMatchObject({ order, 'order.check': 'unchecked' });
  });

  it('is asked for anew by a server that was killed while it was typed', async () => {
    const { id, sip } = await atOrder();
    await sip.type('4711');
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    await sip.type(`${order}#`);
    const { data } = await site.see('call.input.left.v1', id);
    expect(data).toMatchObject({ outcome: 'confirmed', attempts: 1, call: { data: { order } } });
  });
});
