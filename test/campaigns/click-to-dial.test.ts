import { describe, expect, it } from 'vitest';
import { ClickToDial, Compliance } from '../../src/campaigns/index.ts';
import type { DialVerdict } from '../../src/call/index.ts';
import { House } from '../bridge/house.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { FakeDoNotCall, halfDays, route, wish } from './fixtures.ts';

const hour = 3_600_000;

async function office(keepsHours = false) {
  const house = await House.open({
    queues: [queue('sales'), queue('service')],
    agents: [profile('ann'), profile('far', { nodeId: 'pbx9' }), profile('idle', { queues: [] })],
  });
  house.phones.link('up');
  for (const agentId of ['ann', 'far', 'idle']) house.desk.signIn(agentId);
  const list = new FakeDoNotCall();
  const compliance = new Compliance(list, house.clock, {
    listed: new Set(['+8613800000009']),
    hoursOf: (region) => (region === 'CN' ? halfDays : undefined),
    deadlineMs: 1_000,
  });
  const click = new ClickToDial(house.out, compliance, house.clock, {
    routes: [{ ...route, prefixes: ['+86'] }],
    entryNumbers: new Map([
      ['hotline', '4001'],
      ['vip', '4002'],
    ]),
    ringTimeoutMs: 30_000,
    agentHeaders: { 'Alert-Info': 'auto' },
    keepsHours,
    newCallId: () => 'rm-click',
  });
  return { house, list, compliance, click };
}
const { number } = wish();

describe('an agent who clicks', () => {
  it('is rung at once for his customer, in the name of the entry that he names', async () => {
    const { house, click } = await office();
    expect(await click.dial({ agentId: 'ann', number, from: 'vip', data: { order: '7' } })).toBe('rm-click');
    expect(house.call).toMatchObject({
      phase: 'offering',
      queueId: 'sales',
      entryId: 'vip',
      dialledNumber: '4002',
      data: { order: '7' },
      outbound: { byAgent: true, agentHeaders: { 'Alert-Info': 'auto' }, shownNumber: '4002' },
    });
  });

  it.each([
    [{ agentId: 'nobody' }, 'outbound.agent_unknown'],
    [{ agentId: 'idle' }, 'outbound.queue_unknown'],
    [{ agentId: 'ann', queueId: 'none' }, 'outbound.queue_unknown'],
    [{ agentId: 'ann', from: 'none' }, 'outbound.from_unknown'],
    [{ agentId: 'far' }, 'outbound.agent_elsewhere'],
    [{ agentId: 'ann', number: { canonical: '+442079460000', formats: {}, region: 'GB' } }, 'outbound.no_route'],
    [{ agentId: 'ann', number: { canonical: '+8613800000002', formats: {} } }, 'outbound.number_refused'],
    [{ agentId: 'ann', number: { ...number, canonical: '+8613800000009' } }, 'outbound.do_not_call'],
  ])('%j is refused', async (part, code) => {
    const { house, click } = await office();
    await expect(click.dial({ number, ...part })).rejects.toMatchObject({ code });
    expect(house.calls).toEqual([]);
  });

  it.each([
    ['signed out', (house: House) => house.desk.signOut('ann'), 'outbound.agent_busy'],
    ['on his phone', (house: House) => house.phones.set('PJSIP/ann', 'inUse'), 'outbound.agent_busy'],
    ['out of sight', (house: House) => house.phones.link('down'), 'outbound.not_reachable'],
    ['at a server that stops', (house: House) => house.board.drain(), 'outbound.not_reachable'],
  ])('is refused when %s', async (_what, befalls, code) => {
    const { house, click } = await office();
    befalls(house);
    await expect(click.dial({ agentId: 'ann', number })).rejects.toMatchObject({ code });
    expect(house.calls).toEqual([]);
  });

  it('a second time while the first rings is refused', async () => {
    const { click } = await office();
    await click.dial({ agentId: 'ann', number });
    await expect(click.dial({ agentId: 'ann', number })).rejects.toMatchObject({ code: 'outbound.agent_busy' });
  });

  it('keeps the hours where the site says so', async () => {
    for (const keepsHours of [true, false]) {
      const { house, click } = await office(keepsHours);
      await house.clock.advance(13 * hour);
      const outcome = await click.dial({ agentId: 'ann', number }).catch((error: { code: string }) => error.code);
      expect(outcome).toBe(keepsHours ? 'outbound.outside_hours' : 'rm-click');
    }
  });

  it('the list is asked once more when he is on the line', async () => {
    const { click, list } = await office();
    const verdict = (): Promise<DialVerdict> =>
      new Promise(
        (resolve) => void click.clear({ callId: 'rm-click', number: number.canonical, byAgent: true }, resolve),
      );
    expect(await verdict()).toEqual({ ok: true });
    list.numbers.add(number.canonical);
    expect(await verdict()).toEqual({ ok: false, outcome: 'doNotCall' });
    list.mode = 'down';
    expect(await verdict()).toEqual({ ok: false, outcome: 'unavailable' });
  });
});

describe('calling hours', () => {
  it('are those of the country; a country without any is not called, our own extensions always are', async () => {
    const { house, compliance } = await office();
    const nowMs = house.clock.nowMs();
    expect(['CN', 'GB', undefined].map((region) => compliance.isOpen(region, nowMs))).toEqual([true, false, true]);
    const night = nowMs + 13 * hour;
    expect(compliance.nextOpenMs('CN', night)).toBe(nowMs + 24 * hour);
    expect([compliance.nextOpenMs('GB', night), compliance.nextOpenMs(undefined, night)]).toEqual([undefined, night]);
  });
});
