import { afterEach, describe, expect, it } from 'vitest';
import type { QueueFolding, Requirement } from '../../src/routing/index.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { customer } from './fake-neighbours.ts';
import { House, type HouseOptions } from './house.ts';

let house: House;
const open = async (options?: HouseOptions, signedIn?: readonly string[]): Promise<House> =>
  (house = await House.open(options, signedIn));

afterEach(() => {
  house.assertSound();
});

const arrive = async (legId = 'caller-1', number = '13800000001') => {
  house.pbx.arrive(legId, number);
  await settle();
  return house.calls.find((call) => call.callerLegId === legId);
};

describe('a rule that places calls', () => {
  const rules: HouseOptions['rules'] = {
    place: (call) =>
      call.customer?.customer?.vip === true || call.data['topic'] === 'refund'
        ? { rule: 'vip', queueId: 'service', priority: 5, needs: { vip: 1 } }
        : undefined,
  };
  const agents = [profile('ann'), profile('bob', { queues: ['service'], skills: { vip: 1 } })];

  it('sends the call to another queue, with what it asks for', async () => {
    await open({ rules, agents });
    house.lookup.known.set('13800000001', customer({ vip: true }));
    const call = await arrive();
    expect(call).toMatchObject({
      queueId: 'service',
      placed: { rule: 'vip' },
      offers: [{ token: { agentId: 'bob' } }],
    });
    expect(house.board.requestOf(call as NonNullable<typeof call>)).toMatchObject({ priority: 5, needs: { vip: 1 } });
  });

  it('leaves no trace on a call that no rule fits', async () => {
    await open({ rules, agents });
    expect(await arrive()).not.toHaveProperty('placed');
    await open({ agents });
    const call = await arrive();
    for (const key of ['placed', 'rulesVersion', 'lastAgentId']) expect(call).not.toHaveProperty(key);
  });

  it('is asked again when data comes while the call waits: its weight changes, its queue does not', async () => {
    await open({ rules, agents }, ['bob']);
    const call = await arrive();
    expect(call).toMatchObject({ phase: 'waiting', queueId: 'sales' });
    house.desk.attachData(call?.id ?? '', { topic: 'refund' });
    await settle();
    expect(house.call).toMatchObject({ phase: 'waiting', queueId: 'sales', placed: { rule: 'vip', priority: 5 } });
    expect([...house.board.desk.engine.waitingCalls()][0]).toMatchObject({ request: { needs: { vip: 1 } } });
  });

  it('keeps what it said of a call over a restart', async () => {
    await open({ rules, agents }, []);
    house.lookup.known.set('13800000001', customer({ vip: true }));
    await arrive();
    await house.restart({ agents });
    expect([...house.board.desk.engine.waitingCalls()][0]).toMatchObject({
      request: { queueId: 'service', priority: 5, needs: { vip: 1 } },
    });
  });
});

describe('requirements that look at the call', () => {
  const language = (name: string): Requirement => ({ kind: 'skill', skill: name, op: '>=', level: 50 });
  const folding: QueueFolding = { requirement: ({ call }) => language(call.data['language'] ?? 'zh') };

  it('are filled in when the call enters, and when its data changes', async () => {
    const agents = [profile('ann', { skills: { en: 80 } })];
    await open({ rules: { folding: new Map([['sales', folding]]) }, agents }, ['ann']);
    const call = await arrive();
    const asked = () => [...house.board.desk.engine.waitingCalls()][0]?.request.requirement;
    expect(asked()).toEqual(language('zh'));
    house.desk.attachData(call?.id ?? '', { language: 'en' });
    await settle();
    expect(asked()).toEqual(language('en'));
  });
});

describe('who talked with a number last', () => {
  const rules: HouseOptions['rules'] = { asksForLastAgent: true };
  const lastAgent = { keepMs: 3_600_000, numbersMax: 2, keyOf: (number: string) => `k${number}` };

  it('is known when the number calls again, also after a restart, until it is too long ago', async () => {
    await open({ rules, lastAgent });
    await house.talking();
    house.pbx.hangUp('caller-1');
    await house.clock.advance(60_000);
    await house.restart();
    expect(await arrive('caller-2')).toMatchObject({ lastAgentId: 'ann' });
    await house.clock.advance(3_600_000);
    expect(await arrive('caller-3')).not.toHaveProperty('lastAgentId');
  });

  it('is kept for so many numbers only, and under a key that is not the number', async () => {
    await open({ rules, lastAgent });
    const { lastAgents } = house.board;
    for (const number of ['13800000001', '13800000002', '13800000003']) {
      const call = { callerNumber: number } as Parameters<typeof lastAgents.note>[0]['call'];
      lastAgents.note({
        call,
        effects: [],
        events: [{ call, event: { type: 'call.connected.v1', agentId: 'bob', waitedMs: 0 } }],
      });
    }
    expect([lastAgents.of('13800000001'), lastAgents.of('13800000003')]).toEqual([undefined, 'bob']);
    expect(house.journal.state('lastAgent', 'k13800000001')).toBeUndefined();
    expect(house.journal.state('lastAgent', 'k13800000003')).toMatchObject({ agentId: 'bob' });
  });

  it('is not written down where no rule asks', async () => {
    await open({ lastAgent });
    await house.talking();
    expect(house.board.lastAgents.of('13800000001')).toBeUndefined();
  });
});

describe('an agent who is left out', () => {
  it('is not let in by a rule (asterisk#1901): neither by a step, nor because the call was placed anew', async () => {
    const steps = [{ expiresAfterMs: 5_000, exclude: ['ann'] }, {}];
    const place: NonNullable<HouseOptions['rules']>['place'] = (call) =>
      call.data['topic'] === undefined ? undefined : { rule: 'topic', priority: 10 };
    await open({ queues: [queue('sales', { steps }), queue('service')], rules: { place } }, ['ann']);
    const call = await arrive();
    expect(call?.phase).toBe('waiting');
    house.desk.attachData(call?.id ?? '', { topic: 'x' });
    await house.clock.advance(4_900);
    expect(house.call).toMatchObject({ phase: 'waiting', placed: { rule: 'topic' } });
    await house.clock.advance(200);
    expect(house.call).toMatchObject({ phase: 'offering', offers: [{ token: { agentId: 'ann' } }] });
  });
});
