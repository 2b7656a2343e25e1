import { describe, expect, it } from 'vitest';
import type { FeedNews } from '../../src/desktop/client/feed.ts';
import { reduce } from '../../src/desktop/state/reduce.ts';
import { agentsByState, offeredCalls, ownCall, waitingCalls } from '../../src/desktop/state/select.ts';
import { type DeskState, emptyState, latestMax } from '../../src/desktop/state/state.ts';
import type { EventType } from '../../src/events/catalogue/index.ts';
import { agentState, agentView, callView, eventOf, offered, told } from './rig.ts';

const call = callView('a');
const queue = { id: 'support', waiting: 1, offering: 0, longestWaitMs: 5, agentsIdle: 1, agentsSignedIn: 1 };
const snapshotOf = (part: Partial<Extract<FeedNews, { kind: 'snapshot' }>['state']>): FeedNews => ({
  kind: 'snapshot',
  holds: ['calls', 'agents', 'queues'],
  state: { calls: [], agents: [], queues: [], ...part },
});
const after = (...batch: FeedNews[]): DeskState => reduce(emptyState, batch);

describe('a call', () => {
  const next = (version: number, part = {}) => callView('a', { version, ...part });
  const card = { status: 'fresh', source: 'crm:x', fetchedAtMs: 1 } as const;

  it.each<[string, FeedNews[], object]>([
    [
      'appears when it arrives',
      [told(eventOf('call.arrived.v1', { call: next(1, { phase: 'arriving' }) }))],
      { phase: 'arriving' },
    ],
    [
      'waits',
      [told(eventOf('call.queued.v1', { call: next(2), reason: 'arrived' }))],
      { phase: 'waiting', version: 2 },
    ],
    [
      'keeps its newest state when an older event comes late',
      [
        told(eventOf('call.queued.v1', { call: next(5), reason: 'arrived' })),
        told(eventOf('call.arrived.v1', { call: next(1, { phase: 'arriving' }) })),
      ],
      { phase: 'waiting', version: 5 },
    ],
    [
      'of a type that this page does not know is taken all the same',
      [told(eventOf('call.singing.v9' as EventType, { call: next(3, { phase: 'talking' }) }))],
      { phase: 'talking' },
    ],
  ])('%s', (_, batch, expected) => {
    expect(after(...batch).calls.get('a')?.view).toMatchObject(expected);
  });

  it('is unconfirmed, and who is on it, from the loss of the link until the comparison with that PBX', () => {
    const talking = told(
      eventOf('call.held.v1', { call: next(2, { phase: 'talking', agentId: 'ann' }), agentId: 'ann' }),
    );
    const ann = told(eventOf('agent.state.v1', { agent: agentView('ann', { routing: 'talking', callId: 'a' }) }));
    const { nodeId } = call;
    const lost = (link: 'ari' | 'ami', of = nodeId) =>
      told(eventOf('pbx.link.lost.v1', { nodeId: of, link, code: 'x' }));
    const compared = told(eventOf('pbx.reconciled.v1', { nodeId, kept: 1, adopted: 0, ended: 0, swept: 0 }));
    const staleAfter = (...batch: FeedNews[]) => {
      const state = after(talking, ann, ...batch);
      return [state.calls.get('a')?.view.stale, [...state.agents.values()][0]?.stale];
    };
    expect(staleAfter()).toEqual([undefined, undefined]);
    expect(staleAfter(lost('ami'), lost('ari', 'elsewhere'))).toEqual([undefined, undefined]);
    expect(staleAfter(lost('ari'))).toEqual([true, true]);
    const changed = told(eventOf('call.held.v1', { call: next(3, { phase: 'held', agentId: 'ann' }), agentId: 'ann' }));
    expect(staleAfter(lost('ari'), changed)).toEqual([true, true]);
    expect(staleAfter(lost('ari'), changed, compared)).toEqual([undefined, undefined]);
  });

  it('is gone when it has ended', () => {
    const end = eventOf('call.ended.v1', {
      call: next(9, { phase: 'ended' }),
      reason: 'completed',
      waitedMs: 1,
      talkMs: 1,
      holdMs: 0,
      attempts: 1,
    });
    const state = after(told(eventOf('call.arrived.v1', { call })), told(end));
    expect(state.calls.size).toBe(0);
    expect(state.latest.map(({ type }) => type)).toEqual(['call.ended.v1', 'call.arrived.v1']);
  });

  it('keeps its card through events that do not bring one', () => {
    const state = after(
      told(eventOf('call.customer.updated.v1', { call: next(2), customer: card, late: false })),
      told(eventOf('call.queued.v1', { call: next(3), reason: 'arrived' })),
    );
    expect(state.calls.get('a')?.card).toEqual(card);
  });

  it('gets a newer card when the CRM answers late', () => {
    const late = {
      ...card,
      customer: {
        id: 'c',
        name: 'Li Wei',
        value: 1,
        vip: false,
        blacklisted: false,
        tags: [],
        openTickets: [],
        purchases: [],
      },
    };
    const state = after(
      told(
        eventOf('call.customer.updated.v1', {
          call: next(2),
          customer: { status: 'pending', source: 'crm:x' },
          late: false,
        }),
      ),
      told(eventOf('call.customer.updated.v1', { call: next(3), customer: late, late: true })),
    );
    expect(state.calls.get('a')?.card?.customer?.name).toBe('Li Wei');
  });

  it('knows how long the caller had waited when the conversation began', () => {
    const talking = next(4, { phase: 'talking', agentId: 'li' });
    const state = after(
      told(eventOf('call.connected.v1', { call: talking, agentId: 'li', waitedMs: 25_000 })),
      told(eventOf('call.held.v1', { call: { ...talking, version: 5, phase: 'held' }, agentId: 'li' })),
    );
    expect(state.calls.get('a')?.waitedMs).toBe(25_000);
  });

  it('knows its offer until that is over', () => {
    const atLi = callView('a', { version: 4, phase: 'offering', agentId: 'li' });
    const ring = offered(callView('a', { version: 3 }), 'li');
    let state = after(told(ring));
    expect(state.calls.get('a')?.offer).toEqual({
      agentId: 'li',
      attempt: 1,
      mode: 'ring',
      expiresAtMs: 30_000,
      ringing: false,
    });
    state = reduce(state, [told(eventOf('call.offer.ringing.v1', { call: atLi, agentId: 'li', attempt: 1 }))]);
    expect(state.calls.get('a')?.offer?.ringing).toBe(true);
    const back = { call: next(5), agentId: 'li', attempt: 1, outcome: 'declined' } as const;
    state = reduce(state, [told(eventOf('call.offer.ended.v1', back))]);
    expect(state.calls.get('a')?.offer).toBeUndefined();
  });
});

describe('a call that rings several phones at once', () => {
  const looks: FeedNews[] = [
    { kind: 'signedIn', name: 'Li', agentId: 'li' },
    { kind: 'hello', principalKind: 'agent', serverMinusLocalMs: 0 },
  ];
  const both = { phase: 'offering' as const, offeredTo: ['wang', 'li'] };
  const rung = [
    ...looks,
    told(offered(callView('a', { version: 2 }), 'wang')),
    told(offered(callView('a', { version: 3, ...both }), 'li')),
  ];

  it('is the own call of each of them, with the own offer', () => {
    const state = after(
      ...rung,
      told(
        eventOf('call.offer.ringing.v1', { call: callView('a', { version: 4, ...both }), agentId: 'wang', attempt: 1 }),
      ),
    );
    expect(ownCall(state)?.view.id).toBe('a');
    expect(state.calls.get('a')?.offer).toMatchObject({ agentId: 'li', ringing: false });
  });

  it('is gone from the page of who was slower, and stays with who has it', () => {
    const lost = (agentId: string) =>
      told(
        eventOf('call.offer.ended.v1', {
          call: callView('a', { version: 5, phase: 'offering', agentId: 'wang' }),
          agentId,
          attempt: 2,
          outcome: 'rescinded',
        }),
      );
    expect(after(...rung, lost('li')).calls.size).toBe(0);
    const [, ...others] = rung;
    expect(after({ kind: 'signedIn', name: 'Wang', agentId: 'wang' }, ...others, lost('li')).calls.size).toBe(1);
  });
});

describe('a snapshot', () => {
  it('replaces what its subscription holds, and nothing else', () => {
    const before = after(snapshotOf({ calls: [{ call }], agents: [agentView('li')], queues: [queue] }));
    const state = reduce(before, [
      { kind: 'snapshot', holds: ['calls', 'agents'], state: { calls: [], agents: [], queues: [] } },
    ]);
    expect([state.calls.size, state.agents.size, state.queues.size]).toEqual([0, 0, 1]);
  });

  it('tells that there is an offer, and not when it ends', () => {
    const ringing = callView('a', { phase: 'offering', agentId: 'li' });
    expect(after(snapshotOf({ calls: [{ call: ringing }] })).calls.get('a')?.offer).toMatchObject({
      agentId: 'li',
      expiresAtMs: undefined,
    });
  });

  it('keeps the end of an offer that we know of, and not that of another one', () => {
    const before = after(told(offered(call, 'li')));
    const same = callView('a', { phase: 'offering', agentId: 'li' });
    const other = callView('a', { phase: 'offering', agentId: 'wang' });
    expect(reduce(before, [snapshotOf({ calls: [{ call: same }] })]).calls.get('a')?.offer?.expiresAtMs).toBe(30_000);
    expect(
      reduce(before, [snapshotOf({ calls: [{ call: other }] })]).calls.get('a')?.offer?.expiresAtMs,
    ).toBeUndefined();
  });
});

describe('agents and queues', () => {
  it('have their newest state', () => {
    const state = after(
      told(eventOf('agent.state.v1', { agent: agentView('li', { version: 7, routing: 'talking' }) })),
      told(eventOf('agent.state.v1', { agent: agentView('li', { version: 6 }) })),
      told(eventOf('queue.stats.v1', { queue })),
      told(eventOf('queue.stats.v1', { queue: { ...queue, waiting: 9 } })),
    );
    expect(state.agents.get('li')?.routing).toBe('talking');
    expect(state.queues.get('support')?.waiting).toBe(9);
  });

  it('are news only when the presence changes', () => {
    const state = after(
      told(eventOf('agent.state.v1', { agent: agentView('li') })),
      told(eventOf('agent.state.v1', { agent: agentView('li', { version: 2, routing: 'offered' }) })),
      told(eventOf('agent.state.v1', { agent: agentView('li', { version: 3, presence: 'paused' }) })),
    );
    expect(state.latest).toHaveLength(2);
  });
});

describe('a batch', () => {
  it('never writes to the state before it', () => {
    const before = after(snapshotOf({ calls: [{ call }], agents: [agentView('li')], queues: [queue] }));
    const copy = structuredClone(before);
    reduce(before, [
      told(eventOf('call.queued.v1', { call: callView('b'), reason: 'arrived' })),
      told(eventOf('agent.state.v1', { agent: agentView('li', { version: 9 }) })),
      told(eventOf('queue.stats.v1', { queue: { ...queue, waiting: 3 } })),
    ]);
    expect(before).toEqual(copy);
  });

  it('leaves the tables that it does not touch as they are, so that nothing is rendered for them', () => {
    const before = after(snapshotOf({ calls: [{ call }], agents: [agentView('li')] }));
    const state = reduce(before, [told(eventOf('queue.stats.v1', { queue }))]);
    expect(state.calls).toBe(before.calls);
    expect(state.agents).toBe(before.agents);
    expect(reduce(before, [])).toBe(before);
  });

  it('of events is the same as the events one by one', () => {
    const news = [
      told(eventOf('call.queued.v1', { call: callView('b'), reason: 'arrived' })),
      told(offered(callView('b', { version: 2 }), 'li')),
      told(eventOf('call.queued.v1', { call: callView('c'), reason: 'arrived' })),
    ];
    expect(reduce(emptyState, news)).toEqual(news.reduce((state, item) => reduce(state, [item]), emptyState));
  });

  it('keeps a bounded list of what happened', () => {
    const news = Array.from({ length: 200 }, (_, index) =>
      told(eventOf('call.arrived.v1', { call: callView(`c${index}`) })),
    );
    expect(after(...news).latest).toHaveLength(latestMax);
  });
});

describe('what is shown', () => {
  it('is who waits, longest first, in a bounded list that tells how many more there are', () => {
    const calls = Array.from({ length: 5_000 }, (_, index) => ({
      call: callView(`c${index}`, { queuedAtMs: 10_000 - index }),
    }));
    const rows = waitingCalls(after(snapshotOf({ calls })), 50);
    expect([rows.shown.length, rows.more, rows.total]).toEqual([50, 4_950, 5_000]);
    expect(rows.shown[0]?.view.id).toBe('c4999');
  });

  it('is offers apart from who waits', () => {
    const state = after(
      snapshotOf({ calls: [{ call }, { call: callView('b', { phase: 'offering', agentId: 'li' }) }] }),
    );
    expect(waitingCalls(state, 9).shown.map(({ view }) => view.id)).toEqual(['a']);
    expect(offeredCalls(state, 9).shown.map(({ view }) => view.id)).toEqual(['b']);
  });

  it('is agents at work before those who are not', () => {
    const agents = [
      agentView('away', { presence: 'signedOut' }),
      agentView('free'),
      agentView('talks', { routing: 'talking' }),
      agentView('late', { presence: 'signedOut', routing: 'wrapUp' }),
    ];
    const shown = agentsByState(after(snapshotOf({ agents })), 9).shown.map(({ id }) => id);
    expect(shown).toEqual(['talks', 'late', 'free', 'away']);
  });

  it('is the conversation of the agent who looks before its next offer', () => {
    const mine = callView('mine', { phase: 'talking', agentId: 'li' });
    const state = agentState('li', {
      kind: 'snapshot',
      holds: ['calls'],
      state: {
        calls: [
          { call: callView('offer', { phase: 'offering', agentId: 'li' }) },
          { call: mine },
          { call: callView('other', { phase: 'talking', agentId: 'wang' }) },
        ],
        agents: [],
        queues: [],
      },
    });
    expect(ownCall(state)?.view.id).toBe('mine');
    expect(ownCall({ ...state, viewer: undefined })).toBeUndefined();
  });
});
