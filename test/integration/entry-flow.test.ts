import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { becomesTrue, type SampleCrm, startSampleCrm } from '../../lab/index.ts';
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
    numbers: [
      { ...entry, language: 'zh', flow: 'hotline' },
      { ...entry, id: 'night', number: '4002', hours: 'never', closed: { target: 'voicemail:night' } },
    ],
    schedules: [{ id: 'never', timeZone: 'Asia/Shanghai', weekly: {} }],
    voicemails: [{ id: 'night', prompt: ['sound:closed', 'sound:beep'], shortestMs: '700ms', silenceMaxMs: '1s' }],
    tickets: {
      desks: [{ id: 'book' }],
      rules: [
        {
          id: 'message',
          after: ['voicemail'],
          desk: 'book',
          subject: { en: 'Message {call.voicemail}' },
          text: { en: 'Hear https://cti.invalid/v1/recordings/{call.voicemail}/audio' },
        },
      ],
    },
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

const begun = (id: string) => site.see('call.recording.started.v1', id);
const message = async (id: string) => (await site.see('call.voicemail.ended.v1', id)).data;

describe('a message after hours', () => {
  it('hung up in the middle: kept with its checksum, and a ticket that leads to it', async () => {
    const { id, sip } = await site.arrive({ target: '4002' });
    const { data } = await begun(id);
    await sip.talk(1_200);
    sip.hangUp();
    const left = await message(id);
    expect(left).toMatchObject({ outcome: 'left', box: 'night', recordingId: data.recordingId });
    expect((await site.ended(id)).data.reason).toBe('voicemail');
    const ready = await site.room.waitFor(
      'recording.ready.v1',
      (event) => event.data.recording.id === data.recordingId,
    );
    expect(ready.data.recording).toMatchObject({
      callId: id,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(ready.data.recording.lengthMs).toBeGreaterThan(700);
    const ticket = await site.room.waitFor('ticket.created.v1', (event) => event.data.ticket.callId === id);
    expect(ticket.data.ticket.subject).toBe(`Message ${data.recordingId}`);
    checkStory(site.room.ofCall(id));
  });

  it('ended by silence: the caller is let go', async () => {
    const { id, sip } = await site.arrive({ target: '4002' });
    await begun(id);
    await sip.talk(1_200);
    expect((await message(id)).outcome).toBe('left');
    expect((await sip.ended).endedBy).toBe('callee');
  });

  it('hung up during the prompt, and at once after the beep: no message', async () => {
    const first = await site.arrive({ target: '4002' });
    await site.see('call.voicemail.started.v1', first.id);
    first.sip.hangUp();
    expect(await message(first.id)).toMatchObject({ outcome: 'none', lengthMs: 0 });
    const second = await site.arrive({ target: '4002' });
    await begun(second.id);
    second.sip.hangUp();
    expect((await message(second.id)).outcome).toBe('tooShort');
    for (const { id } of [first, second]) expect((await site.ended(id)).data.reason).toBe('abandoned');
  });

  it('goes on through a server that is killed meanwhile', async () => {
    const { id, sip } = await site.arrive({ target: '4002' });
    await begun(id);
    void sip.talk(20_000);
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    await sip.press('#');
    expect(await message(id)).toMatchObject({ outcome: 'left' });
    expect((await site.ended(id)).data.reason).toBe('voicemail');
    expect((await sip.ended).endedBy).toBe('callee');
  });

  it('that ends while the server is dead is kept, and the caller is let go', async () => {
    const { id, sip } = await site.arrive({ target: '4002' });
    await begun(id);
    await sip.talk(800);
    await site.server.kill9();
    // The silence that follows ends it; nobody is there to hear of it.
    await site.server.start();
    await site.reopen();
    expect((await sip.ended).endedBy).toBe('callee');
    const kept = async () =>
      (await site.room.ask<{ recordings: readonly { phase: string }[] }>('GET', `/v1/recordings?callId=${id}`))
        .recordings;
    expect(await becomesTrue(async () => (await kept())[0]?.phase === 'ready', 8_000, 100)).toBe(true);
  });
});

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
