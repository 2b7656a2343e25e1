import { describe, expect, it } from 'vitest';
import type { QueuePolicy, RoutingRequest } from '../../src/routing/index.ts';
import { profile, queue, Table, words } from './fixtures.ts';

const minuteMs = 60_000;
const edge = (part: object) => ({ priority: 50, delayMs: 0, penalty: 0, weight: 1, ...part });

/** Each call is answered, talked to an end, and there is no wrap-up: who was asked, in order. */
function asked(table: Table, calls: number, gapMs = 1000): string[] {
  const who: string[] = [];
  for (let call = 0; call < calls; call += 1) {
    table.enqueue(`c${call}`);
    const { agentId } = table.answer(`c${call}`);
    who.push(agentId);
    table.advance(gapMs);
    table.endTalk(`c${call}`, agentId);
  }
  return who;
}

const table = (policy: Partial<QueuePolicy>, ...names: string[]): Table =>
  new Table(
    [queue('sales', { wrapUpMs: 0, ...policy })],
    names.map((name) => profile(name)),
  ).signIn(...names);

describe('selection', () => {
  it('round robin goes on after whom it asked last, and more than 1,000 members do not break it', () => {
    const names = Array.from({ length: 1200 }, (_, index) => `a${String(index).padStart(4, '0')}`);
    expect(asked(table({ selection: 'roundRobin', waitingCallsMax: 5000 }, ...names), 1203)).toEqual([
      ...names,
      ...names.slice(0, 3),
    ]);
  });

  it('linear asks the first of the config who is free', () => {
    expect(asked(table({ selection: 'linear' }, 'bob', 'ann'), 3)).toEqual(['bob', 'bob', 'bob']);
  });

  it('weighted: twice the weight, twice the calls; who comes later is not flooded', () => {
    const policy = { selection: 'weighted', edges: { ann: edge({ weight: 2 }) } } as const;
    const floor = table(policy, 'ann', 'bob');
    const first = asked(floor, 30);
    expect(first.filter((name) => name === 'ann')).toHaveLength(20);
    const late = new Table(
      [queue('sales', { wrapUpMs: 0, ...policy })],
      ['ann', 'bob', 'cat'].map((name) => profile(name)),
    );
    late.signIn('ann', 'bob');
    asked(late, 30);
    late.signIn('cat');
    const shares = asked(late, 8);
    // Two of eight by weight, and one because the turn is open when she comes.
    expect(shares.filter((name) => name === 'cat').length).toBeLessThanOrEqual(3);
  });

  it('weighted: who takes the place of a removed agent does not inherit that agent’s turn', () => {
    const floor = table({ selection: 'weighted', edges: { ann: edge({ weight: 0.05 }) } }, 'ann', 'bob');
    expect(asked(floor, 2)).toContain('ann');
    floor.step({ kind: 'agentRemoved', agentId: 'ann' });
    floor.step({ kind: 'agentProfile', profile: profile('cat') });
    floor.signIn('cat');
    expect(asked(floor, 4).filter((name) => name === 'cat')).toHaveLength(2);
  });

  it('fewest calls counts the last hour and forgets', () => {
    const floor = table({ selection: 'fewestCalls' }, 'ann', 'bob');
    expect(asked(floor, 4)).toEqual(['ann', 'bob', 'ann', 'bob']);
    floor.pause('bob');
    asked(floor, 2);
    floor.available('bob');
    expect(asked(floor, 2)).toEqual(['bob', 'bob']);
    floor.advance(2 * 60 * minuteMs);
    expect(asked(floor, 2)).toEqual(['ann', 'bob']);
  });

  it('least occupied looks at the time spent, not at the number of calls', () => {
    const floor = table({ selection: 'leastOccupied' }, 'ann', 'bob');
    asked(floor, 1, 50_000);
    asked(floor, 1, 1_000);
    floor.enqueue('c9');
    expect(floor.offerOf('c9')?.agentId).toBe('bob');
  });

  it('a lower penalty comes before everything else', () => {
    expect(asked(table({ edges: { ann: edge({ penalty: 1 }) } }, 'ann', 'bob'), 2)).toEqual(['bob', 'bob']);
  });

  it('least skilled keeps the generalist free', () => {
    const agents = [profile('all', { skills: { a: 1, b: 1 } }), profile('one', { skills: { a: 1 } })];
    const floor = new Table([queue('sales', { selection: 'leastSkilled' })], agents).signIn('all', 'one');
    expect(words(floor.enqueue('c1'))).toEqual(['c1>one']);
  });

  it('best proficiency looks at the skills that the call asks for', () => {
    const agents = [
      profile('ann', { skills: { english: 60, golf: 100 } }),
      profile('bob', { skills: { english: 80 } }),
    ];
    const floor = new Table([queue('sales', { selection: 'bestProficiency' })], agents).signIn('ann', 'bob');
    expect(words(floor.enqueue('c1', { needs: { english: 50 } }))).toEqual(['c1>bob']);
    expect(floor.engine.explain({ callId: 'c1' }, floor.nowMs)?.selection).toBe('bestProficiency');
  });
});

describe('edges between agents and queues', () => {
  const both = (part: Partial<QueuePolicy> = {}): Table =>
    new Table([queue('sales', part), queue('service')], [profile('ann', { queues: ['sales', 'service'] })]);

  it('a free agent takes the calls of the queue with the lower number first, however long others wait', () => {
    const floor = both({ edges: { ann: edge({ priority: 10 }) } });
    floor.enqueue('c1', { queueId: 'service' });
    floor.advance(minuteMs);
    floor.enqueue('c2');
    expect(words(floor.signIn('ann').log)).toEqual(['c2>ann']);
  });

  it('a delay lets an agent in when a call has waited so long', () => {
    const floor = table({ edges: { bob: edge({ delayMs: 30_000 }) } }, 'bob');
    expect(words(floor.enqueue('c1'))).toEqual([]);
    expect(floor.engine.explain({ callId: 'c1' }, floor.nowMs)?.agents[0]?.reasons).toEqual(['notAskedYet']);
    expect(words(floor.advance(29_999))).toEqual([]);
    expect(words(floor.advance(1))).toEqual(['c1>bob']);
  });
});

describe('order', () => {
  it('strict: a higher class first, whatever the wait; who was dropped before all', () => {
    const floor = new Table([queue('sales', { ordering: { kind: 'strict' } })], [profile('ann')]);
    floor.enqueue('old');
    floor.advance(60 * minuteMs);
    floor.enqueue('gold', { orderClass: 2 });
    floor.enqueue('vip', { vip: true });
    floor.enqueue('back', { returned: true });
    expect([...floor.engine.waitingCalls()].map(({ request }) => request.callId)).toEqual([
      'back',
      'gold',
      'vip',
      'old',
    ]);
  });

  it('accumulating: a class that gathers faster overtakes in time', () => {
    const policy = queue('sales', {
      ordering: { kind: 'accumulating', rates: [1, 3] },
      vipBoostMs: 0,
      maxWaitMs: 10 ** 9,
    });
    const offered = (afterMs: number): string[] => {
      const floor = new Table([policy], [profile('ann')]);
      floor.enqueue('old');
      floor.advance(10 * minuteMs);
      floor.enqueue('fast', { orderClass: 1 });
      floor.advance(afterMs);
      return words(floor.signIn('ann').log);
    };
    expect(offered(4 * minuteMs)).toEqual(['old>ann']);
    expect(offered(6 * minuteMs)).toEqual(['fast>ann']);
  });

  const accumulating = {
    ordering: { kind: 'accumulating', rates: [1, 3] },
    vipBoostMs: 0,
    maxWaitMs: 10 ** 9,
  } as const;

  it('accumulating: a place in line is told by what has been gathered so far', () => {
    const floor = new Table([queue('sales', accumulating)], []);
    const old = floor.request('old');
    floor.step({ kind: 'enqueue', request: old });
    floor.advance(10 * minuteMs);
    floor.enqueue('fast', { orderClass: 1 });
    const ahead = () => floor.engine.lineFacts(old, [], floor.nowMs)?.ahead;
    const waiting = () => [...floor.engine.waitingCalls(floor.nowMs)].map(({ request }) => request.callId);
    const before = () => floor.engine.explain({ callId: 'old' }, floor.nowMs)?.waitingBefore;
    floor.advance(4 * minuteMs);
    expect([ahead(), before(), waiting()]).toEqual([0, 0, ['old', 'fast']]);
    floor.advance(2 * minuteMs);
    expect([ahead(), before(), waiting()]).toEqual([1, 1, ['fast', 'old']]);
    const place = { ...floor.request('place', { orderClass: 1 }), queuedAtMs: floor.nowMs - 7 * minuteMs };
    expect(floor.engine.lineFacts(old, [place], floor.nowMs)?.ahead).toBe(2);
  });

  const node = (up: boolean) => ({ kind: 'node', nodeId: 'pbx1', up }) as const;

  it('a PBX that is there again: its calls go in that order too', () => {
    const floor = new Table([queue('sales', accumulating)], [profile('ann')]).signIn('ann');
    floor.step(node(false));
    floor.enqueue('old');
    floor.advance(10 * minuteMs);
    floor.enqueue('fast', { orderClass: 1 });
    floor.advance(6 * minuteMs);
    expect(words(floor.step(node(true)))).toEqual(['fast>ann']);
  });

  it('a PBX that is there again: a free agent takes from the queue that is first for that agent', () => {
    const agents = [profile('ann', { queues: ['sales', 'service'] })];
    const preferred = queue('service', { edges: { ann: edge({ priority: 1 }) } });
    const floor = new Table([queue('sales'), preferred], agents).signIn('ann');
    floor.step(node(false));
    floor.enqueue('old');
    floor.advance(minuteMs);
    floor.enqueue('new', { queueId: 'service' });
    expect(words(floor.step(node(true)))).toEqual(['new>ann']);
  });

  it('the deadline goes before every class', () => {
    const policy = queue('sales', { ordering: { kind: 'strict' }, deadlineMs: 5 * minuteMs });
    const offered = (afterMs: number): string[] => {
      const floor = new Table([policy], [profile('ann')]);
      floor.enqueue('old');
      floor.advance(afterMs);
      floor.enqueue('vip', { vip: true });
      return words(floor.signIn('ann').log);
    };
    expect(offered(5 * minuteMs - 1)).toEqual(['vip>ann']);
    expect(offered(5 * minuteMs)).toEqual(['old>ann']);
  });

  it('a call that comes with its age past the deadline is late at once', () => {
    const floor = new Table([queue('sales', { ordering: { kind: 'strict' }, deadlineMs: minuteMs })], [profile('ann')]);
    floor.enqueue('vip', { vip: true });
    floor.enqueue('old', { queuedAtMs: floor.nowMs - minuteMs });
    expect(words(floor.signIn('ann').log)).toEqual(['old>ann']);
  });
});

describe('who has waited past the deadline', () => {
  it('is kept from no agent by the reserve for VIPs', () => {
    const floor = table({ vipReserve: 1, deadlineMs: minuteMs }, 'ann');
    expect(words(floor.enqueue('c1'))).toEqual([]);
    expect(words(floor.advance(minuteMs - 1))).toEqual([]);
    expect(words(floor.advance(1))).toEqual(['c1>ann']);
  });

  it('goes before the calls of a queue from which the agent takes first', () => {
    const agents = [profile('ann', { queues: ['sales', 'service'] })];
    const preferred = queue('service', { edges: { ann: edge({ priority: 1 }) } });
    const offered = (afterMs: number): string[] => {
      const floor = new Table([queue('sales', { deadlineMs: minuteMs }), preferred], agents);
      floor.enqueue('old');
      floor.advance(afterMs);
      floor.enqueue('new', { queueId: 'service' });
      return words(floor.signIn('ann').log);
    };
    expect(offered(minuteMs - 1)).toEqual(['new>ann']);
    expect(offered(minuteMs)).toEqual(['old>ann']);
  });

  it('may be a callback, which has its class too', () => {
    const outbound = { waitMaxMs: 10 ** 9, byAgent: false } as const;
    const offered = (part: Partial<QueuePolicy>, work: Partial<RoutingRequest>): string[] => {
      const floor = new Table([queue('sales', { ordering: { kind: 'strict' }, ...part })], [profile('ann')]);
      floor.enqueue('call');
      floor.enqueue('work', work);
      floor.advance(minuteMs);
      floor.enqueue('vip', { vip: true, value: 1 });
      return words(floor.signIn('ann').log);
    };
    const inLine = { ...outbound, inLine: true } as const;
    const deadlineMs = minuteMs;
    expect(offered({}, { vip: true, outbound: inLine, value: 2 })).toEqual(['work>ann']);
    expect(offered({ deadlineMs }, { outbound: inLine, value: 1 })).toEqual(['work>ann']);
    expect(offered({ deadlineMs }, { outbound, value: 1 })).toEqual(['call>ann']);
    expect(offered({}, { vip: true, outbound, value: 2 })).toEqual(['vip>ann']);
  });
});

describe('a reserve for those who matter more', () => {
  it('others are offered only while more agents are free', () => {
    const floor = table({ vipReserve: 1 }, 'ann', 'bob');
    expect(words(floor.enqueue('c1'))).toEqual(['c1>ann']);
    expect(words(floor.enqueue('c2'))).toEqual([]);
    expect(floor.engine.explain({ callId: 'c2' }, floor.nowMs)?.agents.map(({ reasons }) => reasons)).toEqual([
      ['offered'],
      ['reserved'],
    ]);
    expect(words(floor.enqueue('vip', { vip: true }))).toEqual(['vip>bob']);
    expect(words(floor.step({ kind: 'leave', callId: 'c1' }))).toEqual([]);
    expect(words(floor.step({ kind: 'leave', callId: 'vip' }))).toEqual(['c2>ann']);
  });

  it('one more comes free who declined the call: another, who was kept back, has it now', () => {
    const floor = table(
      { vipReserve: 1, cooldownMs: { declined: 1000, busy: 0, noAnswer: 0, unreachable: 0 } },
      'ann',
      'bob',
    );
    floor.enqueue('c1');
    expect(words(floor.fail('c1', 'declined'))).toEqual([]);
    expect(words(floor.advance(1000))).toEqual(['c1>bob']);
  });

  it('counts only agents who fit the call', () => {
    const agents = [profile('ann', { skills: { english: 50 } }), profile('bob')];
    const floor = new Table([queue('sales', { vipReserve: 1 })], agents).signIn('ann', 'bob');
    expect(words(floor.enqueue('c1', { needs: { english: 1 } }))).toEqual([]);
    expect(words(floor.enqueue('c2'))).toEqual(['c2>ann']);
  });
});
