import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PbxWatch } from './support/pbx-watch.ts';
import { checkStory, entry, fallback, queue, Site } from './support/site.ts';

const vip = '13800008889';
const keys = {
  '1': { target: 'queue:support', label: '销售' },
  '2': { target: 'queue:repair', label: '报修', data: { topic: 'repair' } },
  '9': { target: fallback, label: '语音信箱' },
};
const menu = {
  prompt: ['sound:menu'],
  keys,
  timeoutMs: '1s',
  attempts: 2,
  wrongKey: ['sound:wrong-key'],
  vip: 'queue:vip',
};
const longMenu = { ...menu, prompt: Array.from({ length: 10 }, () => 'sound:menu'), timeoutMs: '30s' };

let site: Site;
let watch: PbxWatch;

beforeAll(async () => {
  site = await Site.open({
    locals: { answer: 6 },
    directory: `phone,name,vip,blacklisted\n${vip},王秀英,yes,\n`,
    schedules: [
      { id: 'never', timeZone: 'Asia/Shanghai', weekly: {} },
      { id: 'always', timeZone: 'America/New_York', weekly: { 'mon-sun': ['00:00-24:00'] } },
    ],
    numbers: [
      // A prompt that is there in Chinese only: heard by who is played to in the language of the number.
      {
        ...entry,
        id: 'zh',
        number: '4001',
        language: 'zh',
        greeting: ['sound:beep'],
        menu: { ...menu, prompt: ['sound:menu-zh'] },
      },
      { ...entry, id: 'en', number: '4002', hours: 'always', menu: longMenu },
      { ...entry, id: 'shut', number: '4003', hours: 'never', closed: { prompt: ['sound:closed'] }, menu },
      { ...entry, id: 'night', number: '4004', hours: 'never', closed: { target: 'queue:support' } },
      { ...entry, id: 'evening', number: '4006', queue: 'shut' },
      { ...entry, id: 'mute', number: '4005', menu: { ...menu, prompt: ['sound:not-there'] } },
    ],
    queues: [
      queue,
      { ...queue, id: 'repair' },
      { ...queue, id: 'vip' },
      { ...queue, id: 'shut', hours: 'never', afterHours: { prompt: ['sound:closed'], target: 'queue:support' } },
    ],
  });
  watch = await PbxWatch.open(site.asterisk);
});

afterAll(async () => {
  await watch?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

afterEach(() => site.clear());

const fallbacks = (): number => watch.events.filter((event) => event.get('UserEvent') === 'LabFallback').length;
const asked = (id: string, attempt = 1) => site.see('call.menu.asked.v1', id, ({ data }) => data.attempt === attempt);

describe('a caller in the menu', () => {
  it('is greeted, hears the prompt in the language of the number to its end, and presses 2', async () => {
    const { id, sip } = await site.arrive({ target: '4001' });
    await asked(id);
    // The prompt was heard, or the caller would not be asked a second time but sent on.
    expect((await asked(id, 2)).data.reason).toBe('timeout');
    await sip.press('2');
    const queued = await site.see('call.queued.v1', id);
    expect(queued.data.call).toMatchObject({
      queueId: 'repair',
      language: 'zh',
      data: { topic: 'repair' },
      menuPath: [{ menu: 'main', key: '2', label: '报修' }],
    });
  });

  it('cuts a long prompt with a key, and the agent is heard at once', async () => {
    await site.signIn('local-answer');
    const { id, sip } = await site.arrive({ target: '4002' });
    await asked(id);
    await sip.press('1');
    const connected = await site.see('call.connected.v1', id);
    expect(connected.data.call.menuPath).toEqual([{ menu: 'main', key: '1', label: '销售' }]);
    expect((await site.see('call.menu.left.v1', id)).data).toMatchObject({
      outcome: 'chosen',
      key: '1',
      target: 'queue:support',
    });
  });

  it('a wrong key, then silence: the default', async () => {
    const { id, sip } = await site.arrive({ target: '4001' });
    await asked(id);
    await sip.press('7');
    expect((await asked(id, 2)).data.reason).toBe('wrongKey');
    expect((await site.see('call.menu.left.v1', id)).data).toMatchObject({
      outcome: 'timeout',
      target: 'queue:support',
    });
    await site.see('call.queued.v1', id);
    const channel = (await site.channels())[0];
    expect(
      (await site.ari<{ value: string }>(`/channels/${channel?.id}/variable?variable=RINGMASTER_CALL`)).value,
    ).not.toContain('menuPath');
  });

  it('keys before the prompt, several at once and after the choice: the first that leads somewhere counts', async () => {
    const { id, sip } = await site.arrive({ target: '4001' });
    await Promise.all(['2', '1', '9'].map((key) => sip.press(key)));
    expect((await site.see('call.queued.v1', id)).data.call.queueId).toBe('repair');
    await sip.press('9');
    await sip.press('1');
    await site.ari('/channels');
    expect(site.room.ofCall(id).filter(({ type }) => type === 'call.menu.left.v1')).toHaveLength(1);
    const channel = (await site.channels())[0];
    expect(
      (await site.ari<{ value: string }>(`/channels/${channel?.id}/variable?variable=RINGMASTER_CALL`)).value,
    ).toContain('"key":"2"');
  });

  it('a VIP is not asked', async () => {
    const { id } = await site.arrive({ target: '4002', number: vip });
    expect((await site.see('call.menu.left.v1', id)).data).toMatchObject({ outcome: 'vip', target: 'queue:vip' });
    expect((await site.see('call.queued.v1', id)).data.call.queueId).toBe('vip');
  });

  it('a prompt that is not there keeps nobody', async () => {
    const { id } = await site.arrive({ target: '4005' });
    expect((await site.see('call.menu.left.v1', id)).data).toMatchObject({
      outcome: 'unheard',
      target: 'queue:support',
    });
  });

  it('a key that leads to the dialplan', async () => {
    const before = fallbacks();
    const { id, sip } = await site.arrive({ target: '4002' });
    await asked(id);
    await sip.press('9');
    expect((await site.ended(id)).data.reason).toBe('overflowed');
    expect((await sip.ended).endedBy).toBe('callee');
    expect(fallbacks()).toBe(before + 1);
    checkStory(site.room.ofCall(id));
  });

  it('hangs up', async () => {
    const { id, sip } = await site.arrive({ target: '4002' });
    await asked(id);
    sip.hangUp();
    expect((await site.ended(id)).data.reason).toBe('abandoned');
    checkStory(site.room.ofCall(id));
  });

  it('is asked anew by a server that was killed meanwhile', async () => {
    const { id, sip } = await site.arrive({ target: '4002' });
    await asked(id);
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    const key = await site.room.ask<{ call: { menuPath?: object; phase: string } }>('GET', `/v1/calls/${id}`);
    expect(key.call.phase).toBe('arriving');
    await sip.press('2');
    const queued = await site.see('call.queued.v1', id);
    expect(queued.data.call).toMatchObject({ queueId: 'repair', menuPath: [{ key: '2' }] });
  });
});

describe('outside of the hours', () => {
  it('hears the message and reaches the fallback', async () => {
    const before = fallbacks();
    const { id, sip } = await site.arrive({ target: '4003' });
    const overflowed = await site.see('call.overflowed.v1', id);
    expect(overflowed.data).toMatchObject({ reason: 'closed', target: 'dialplan:ringmaster-fallback,s,1' });
    const result = await sip.ended;
    // The message is 700 ms long, the fallback's own 500.
    expect(result.talkMs).toBeGreaterThan(1_100);
    expect([result.endedBy, fallbacks()]).toEqual(['callee', before + 1]);
    checkStory(site.room.ofCall(id));
  });

  it('goes to a queue that is open', async () => {
    const agentId = await site.signIn('local-answer');
    const { id } = await site.arrive({ target: '4004' });
    expect((await site.see('call.connected.v1', id)).data.agentId).toBe(agentId);
  });

  it('hears the message of a queue that is closed, too, and keeps the age in the one that is open', async () => {
    const agentId = await site.signIn('local-answer');
    const { id } = await site.arrive({ target: '4006' });
    const queued = await site.see('call.queued.v1', id, ({ data }) => data.reason === 'arrived');
    const overflowed = await site.see('call.overflowed.v1', id);
    expect(overflowed.data).toMatchObject({ reason: 'closed', target: 'queue:support' });
    // The message is 700 ms long.
    expect(Date.parse(overflowed.time) - Date.parse(queued.time)).toBeGreaterThan(600);
    const again = await site.see('call.queued.v1', id, ({ data }) => data.reason === 'overflow');
    expect(again.data.call).toMatchObject({ queueId: 'support', queuedAtMs: queued.data.call.queuedAtMs });
    expect((await site.see('call.connected.v1', id)).data.agentId).toBe(agentId);
  });
});
