import { afterEach, describe, expect, it } from 'vitest';
import type { Announcements, CallbackOffer } from '../../src/call/index.ts';
import type { QueuePolicy } from '../../src/routing/index.ts';
import { entry } from '../call/fixtures.ts';
import { queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House } from './house.ts';

const second = 1_000;
const announcements: Announcements = {
  firstAfterMs: 20 * second,
  everyMs: 60 * second,
  positionMax: 20,
  waitStepsMs: [60 * second, 300 * second, 600 * second],
  prompts: {
    '*': { position: ['sound:you-are', 'number:{position}'], wait: ['sound:wait', 'number:{to}'], still: [] },
  },
};
const callback: CallbackOffer = {
  key: '1',
  afterMs: 30 * second,
  answerMs: 8 * second,
  attempts: 2,
  mode: 'agentFirst',
  leadMs: 30 * second,
  graceMs: 5 * second,
  keepMs: 3_600 * second,
  pendingMax: 10,
  prompts: {
    '*': {
      offer: ['sound:offer'],
      confirm: ['sound:confirm', 'digits:{number}'],
      enter: ['sound:enter'],
      accepted: ['sound:goodbye'],
      refused: ['sound:sorry'],
    },
  },
};
const number = '13800000001';

let house: House;
async function open(part: Partial<QueuePolicy>, signedIn: readonly string[] = []): Promise<House> {
  const sales = queue('sales', { handlingMs: 120 * second, ...part });
  return (house = await House.open(
    { queues: [sales, queue('service')], entries: [{ ...entry, greeting: [] }] },
    signedIn,
  ));
}
afterEach(() => house.assertSound());

async function wait(legId = 'caller-1', from = number): Promise<void> {
  house.pbx.arrive(legId, from);
  await settle();
}
const played = (): string[][] => house.pbx.commands.flatMap((one) => (one.kind === 'play' ? [[...one.media]] : []));
const playing = (): string => {
  const [last] = house.pbx.commands.flatMap((one) => (one.kind === 'play' ? [one.playbackId] : [])).slice(-1);
  return last ?? '';
};
async function heard(): Promise<void> {
  house.pbx.tell({ kind: 'playbackEnded', playbackId: playing(), failed: false });
  await settle();
}
async function press(...keys: string[]): Promise<void> {
  for (const key of keys) house.pbx.tell({ kind: 'keyPressed', legId: 'caller-1', key });
  await settle();
}
const told = (type: string): object[] =>
  house.journal.events.filter((event) => event.type === type).map(({ data }) => data);
const music = (): string[] => house.pbx.askedOf('caller-1').filter((kind) => /Music|play/.test(kind));

describe('a caller who waits', () => {
  it('hears nothing but music where nothing is configured', async () => {
    await open({});
    await wait();
    await house.clock.advance(200 * second);
    expect([played(), house.call.wait]).toEqual([[], undefined]);
  });

  it('is told the place, between pieces of music, at the times of the config', async () => {
    await open({ announcements });
    await wait();
    await house.clock.advance(19 * second);
    expect(played()).toEqual([]);
    await house.clock.advance(second);
    // Nobody is at work: there is no wait to tell.
    expect(played()).toEqual([['sound:you-are', 'number:1']]);
    expect(music()).toEqual(['startMusic', 'stopMusic', 'play']);
    await heard();
    expect(music().at(-1)).toBe('startMusic');
    await house.clock.advance(59 * second);
    expect(played()).toHaveLength(1);
    await house.clock.advance(second);
    expect(played()).toHaveLength(2);
  });

  it('is told how long it takes, and never longer than before', async () => {
    await open({ announcements }, ['ann']);
    await house.talking('talker');
    await wait('first', '13800000002');
    await wait();
    const waits = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await house.clock.advance(61 * second);
      await heard();
      // A VIP goes before: the place and the wait become worse.
      if (turn === 1) house.lookup.known.set('13800000003', vip);
      if (turn === 1) await wait('vip', '13800000003');
    }
    waits.push(...told('call.announced.v1').filter((one) => JSON.stringify(one).includes(number)));
    const places = waits.map((one) => [(one as { position?: number }).position, (one as { toMs?: number }).toMs]);
    expect(places[0]).toEqual([2, 300 * second]);
    expect(places.every(([place = 0, toMs = 0]) => place <= 2 && toMs <= 300 * second)).toBe(true);
  });

  it('goes on hearing music when the end of an announcement is never told, or it cannot be played', async () => {
    await open({ announcements });
    await wait();
    await house.clock.advance(20 * second);
    await house.clock.advance(60 * second);
    expect(music().at(-1)).toBe('startMusic');
    house.pbx.refusals.set('play', { ok: false, failure: 'refused' });
    await house.clock.advance(60 * second);
    expect(music().slice(-2)).toEqual(['play', 'startMusic']);
  });

  it('is not told to the end when an agent is found: cut before the phone rings, nothing waits for it', async () => {
    await open({ announcements });
    await wait();
    await house.clock.advance(20 * second);
    house.desk.signIn('ann');
    await settle();
    const kinds = house.pbx.commands.map(({ kind }) => kind);
    expect(kinds.slice(-4)).toEqual(['stopPlayback', 'startMusic', 'dial', 'createBridge']);
    // Its late end does not bring the music back.
    house.pbx.answer(house.call.offers?.[0]?.legId ?? '');
    await settle();
    await heard();
    expect(music().at(-1)).toBe('stopMusic');
    expect(house.call.phase).toBe('talking');
  });

  it('is told on after a phone that nobody answered', async () => {
    await open({ announcements }, ['ann']);
    await wait();
    await house.clock.advance(20 * second);
    expect(house.call.phase).toBe('waiting');
    await house.clock.advance(70 * second);
    expect(played().length).toBeGreaterThan(0);
  });

  it('hears music again after a restart, and is told on from where it was', async () => {
    await open({ announcements });
    await wait();
    await house.clock.advance(20 * second);
    await house.restart();
    expect(house.call.wait).toMatchObject({ toldPosition: 1, hears: undefined });
    expect(music().at(-1)).toBe('startMusic');
    await house.clock.advance(60 * second);
    expect(played()).toHaveLength(2);
  });
});

describe('a callback instead of waiting', () => {
  async function offered(): Promise<void> {
    await open({ callback });
    await wait();
    await house.clock.advance(30 * second);
    expect(played()).toEqual([['sound:offer']]);
  }

  it('is offered once, and ignored by who would rather wait', async () => {
    await offered();
    await heard();
    await press('7', '2', '*', '#');
    await house.clock.advance(300 * second);
    expect([played().length, house.call.phase]).toEqual([1, 'waiting']);
  });

  it('is offered at once when a long wait is expected', async () => {
    await open({ callback: { ...callback, atWaitMs: 200 * second } }, ['ann']);
    await house.talking('talker');
    await wait('first', '13800000002');
    await wait();
    await house.clock.advance(5 * second);
    expect(told('call.callback.offered.v1')).toHaveLength(1);
  });

  it('the number is confirmed, the place is kept, the caller hears goodbye and is let go', async () => {
    await offered();
    await press('1');
    expect(played().at(-1)).toEqual(['sound:confirm', `digits:${number}`]);
    const { id, queuedAtMs } = house.call;
    await press('1');
    expect(house.outbound.wishes).toEqual([
      { callId: id, number, queueId: 'sales', entryId: 'hotline', queuedAtMs, priority: 0, data: {} },
    ]);
    expect(played().at(-1)).toEqual(['sound:goodbye']);
    expect([...house.board.desk.engine.waitingCalls()]).toEqual([]);
    await heard();
    await settle();
    expect([house.calls, house.pbx.legs.size]).toEqual([[], 0]);
    expect(told('call.ended.v1')).toMatchObject([{ reason: 'callback' }]);
  });

  it('the caller hangs up in the middle of goodbye, or while it is written down', async () => {
    await offered();
    house.outbound.holds = true;
    await press('1', '1');
    house.pbx.hangUp('caller-1');
    await settle();
    expect(told('call.ended.v1')).toMatchObject([{ reason: 'callback' }]);
    house.outbound.heldCallbacks[0]?.({ ok: true, callbackId: 'job1' });
    expect(house.outbound.cancelled).toEqual([]);
  });

  it('who hangs up without having confirmed has given up', async () => {
    await offered();
    await press('1');
    house.pbx.hangUp('caller-1');
    await settle();
    expect([told('call.ended.v1'), house.outbound.wishes]).toMatchObject([[{ reason: 'abandoned' }], []]);
  });

  it('another number is keyed in, read back and confirmed', async () => {
    await offered();
    await press('1', '2', '0', '2', '1', '5', '0', '#');
    expect(played().at(-1)).toEqual(['sound:confirm', 'digits:02150']);
    await press('1');
    expect(house.outbound.wishes[0]?.number).toBe('02150');
  });

  it('a caller without a number enters one; nonsense is asked again and then given up', async () => {
    await open({ callback });
    await wait('caller-1', 'anonymous');
    await house.clock.advance(30 * second);
    await press('1');
    expect(played().at(-1)).toEqual(['sound:enter']);
    await press('5', '#');
    expect(played().at(-1)).toEqual(['sound:enter']);
    await press('#');
    expect(played().at(-1)).toEqual(['sound:sorry']);
    expect(told('call.callback.refused.v1')).toMatchObject([{ reason: 'number' }]);
    await heard();
    expect([music().at(-1), house.call.phase]).toEqual(['startMusic', 'waiting']);
  });

  it('silence is asked again, then the caller waits on; * goes back at once', async () => {
    await offered();
    await press('1');
    await heard();
    await house.clock.advance(8 * second);
    expect(played().filter(([first]) => first === 'sound:confirm')).toHaveLength(2);
    await press('*');
    expect([music().at(-1), house.call.wait?.callback?.stage]).toEqual(['startMusic', 'offered']);
  });

  it('that cannot be: the caller hears so and keeps waiting', async () => {
    await offered();
    house.outbound.callback = { ok: false, reason: 'doNotCall' };
    await press('1', '1');
    expect(played().at(-1)).toEqual(['sound:sorry']);
    expect([...house.board.desk.engine.waitingCalls()]).toHaveLength(1);
    expect(told('call.callback.refused.v1')).toMatchObject([{ reason: 'doNotCall' }]);
  });

  it('whose writing takes too long counts as refused, and is taken back when it comes', async () => {
    await offered();
    house.outbound.holds = true;
    await press('1', '1');
    await house.clock.advance(10 * second);
    expect(told('call.callback.refused.v1')).toMatchObject([{ reason: 'late' }]);
    house.outbound.heldCallbacks[0]?.({ ok: true, callbackId: 'job1' });
    await settle();
    expect(house.outbound.cancelled).toEqual(['job1']);
  });

  it('an agent found in the middle of the questions is put through; what is written then is taken back', async () => {
    await offered();
    await press('1');
    house.outbound.holds = true;
    await press('1');
    house.desk.signIn('ann');
    await settle();
    house.pbx.answer(house.call.offers?.[0]?.legId ?? '');
    await settle();
    house.outbound.heldCallbacks[0]?.({ ok: true, callbackId: 'job1' });
    await settle();
    expect([house.call.phase, house.outbound.cancelled]).toEqual(['talking', ['job1']]);
  });

  it('a server that died meanwhile asks again, and lets go who had been told goodbye', async () => {
    await offered();
    house.outbound.holds = true;
    await press('1', '1');
    await house.restart();
    expect(house.outbound.wishes.map(({ callId }) => callId)).toEqual([house.call.id, house.call.id]);
    house.outbound.heldCallbacks[1]?.({ ok: true, callbackId: 'job1' });
    await settle();
    expect(played().at(-1)).toEqual(['sound:goodbye']);
    await house.restart();
    await settle();
    expect([house.calls, house.pbx.legs.size]).toEqual([[], 0]);
  });
});

const vip = {
  status: 'fresh',
  source: 'crm:test',
  customer: {
    id: 'v',
    name: 'V',
    value: 100,
    vip: true,
    blacklisted: false,
    tags: [],
    purchases: [],
    openTickets: [],
  },
} as const;
