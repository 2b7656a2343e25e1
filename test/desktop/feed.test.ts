import { beforeEach, describe, expect, it } from 'vitest';
import { Feed, feedLimits, type FeedNews } from '../../src/desktop/client/feed.ts';
import { agentView, callView, eventOf, HeldSocket, wireEvent } from './rig.ts';
import { FakeClock, settle, t0 } from '../support/fake-clock.ts';

let clock: FakeClock;
let sockets: HeldSocket[];
let news: FeedNews[];
let token: { readonly token: string } | 'refused' | 'unreachable';
let feed: Feed;

beforeEach(() => {
  clock = new FakeClock();
  sockets = [];
  news = [];
  token = { token: 'tkt' };
  feed = new Feed({
    open: () => {
      const socket = new HeldSocket();
      sockets.push(socket);
      return socket;
    },
    token: async () => token,
    clock,
    random: () => 0.5,
    limits: feedLimits,
    tell: (item) => news.push(item),
  });
});

const last = (): HeldSocket => sockets.at(-1)!;
const links = (): string[] => news.flatMap((item) => (item.kind === 'link' ? [item.link.kind] : []));
const link = (): string | undefined => links().at(-1);
const ended = (id: string, sequence: number) =>
  wireEvent('all', eventOf('call.data.updated.v1', { call: callView(id) }, sequence));

function hello(part: object = {}): object {
  const principal = { id: 'desk', kind: 'integration' };
  return {
    type: 'hello',
    protocol: 'cti.v1',
    epoch: 'e1',
    sequence: 10,
    nowMs: 1_000_000,
    principal,
    limits: {},
    ...part,
  };
}
const subscribed = (part: object = {}): object => ({
  type: 'subscribed',
  id: 'all',
  epoch: 'e1',
  sequence: 10,
  filter: {},
  masked: true,
  ...part,
});
const snapshot = (part: object = {}): object => ({
  type: 'snapshot',
  id: 'all',
  epoch: 'e1',
  sequence: 10,
  calls: [],
  agents: [agentView('li')],
  queues: [],
  ...part,
});

async function live(): Promise<void> {
  feed.start();
  await settle();
  last().open();
  last().hear(hello());
  last().hear(subscribed());
  last().hear(snapshot());
}

/** Breaks the connection and lets the next one get as far as `hello`. */
async function comeBack(part: object = {}): Promise<void> {
  last().breakWith(1006);
  await clock.advance(20_000);
  last().open();
  last().hear(hello(part));
}

describe('the beginning', () => {
  it('proves who it is in the first frame, subscribes, and is live with the snapshot', async () => {
    await live();
    expect(last().sent).toEqual([
      { type: 'auth', token: 'tkt' },
      { type: 'subscribe', id: 'all' },
    ]);
    expect(links()).toEqual(['connecting', 'catchingUp', 'live']);
    expect(news.find((item) => item.kind === 'snapshot')).toMatchObject({ holds: ['calls', 'agents', 'queues'] });
  });

  it('tells how far the clock of the server is from ours', async () => {
    feed.start();
    await settle();
    last().hear(hello({ nowMs: t0 + 7_000 }));
    expect(news.at(1)).toEqual({ kind: 'hello', serverMinusLocalMs: 7_000, principalKind: 'integration' });
  });

  it('of an agent asks for its own and, apart from that, for the figures of queues', async () => {
    feed.start();
    await settle();
    last().hear(hello({ principal: { id: 'desk-li', kind: 'agent' } }));
    expect(last().sent).toEqual([
      { type: 'subscribe', id: 'own' },
      { type: 'subscribe', id: 'queues', filter: { types: ['queue.'] } },
    ]);
    last().hear(subscribed({ id: 'own', filter: { agents: ['li'] } }));
    last().hear(snapshot({ id: 'own' }));
    expect(link()).toBe('catchingUp');
    last().hear(subscribed({ id: 'queues' }));
    last().hear(snapshot({ id: 'queues', agents: [] }));
    expect(link()).toBe('live');
    expect(news).toContainEqual({ kind: 'granted', agentId: 'li', masked: true });
    expect(news.filter((item) => item.kind === 'snapshot').map(({ holds }) => holds)).toEqual([
      ['calls', 'agents'],
      ['queues'],
    ]);
  });

  it.each([
    ['what is not JSON', '{'],
    ['an unknown frame', { type: 'fireworks' }],
    ['an event without content', { type: 'event', id: 'all' }],
    ['a number', 5],
  ])('bears %s', async (_, frame) => {
    await live();
    last().hear(frame as object);
    expect(link()).toBe('live');
  });
});

describe('coming back', () => {
  it('resumes where it stood and is live when it has passed what was there at hello', async () => {
    await live();
    last().hear(ended('a', 12));
    await comeBack({ sequence: 15 });
    expect(last().sent.at(-1)).toEqual({ type: 'subscribe', id: 'all', resume: { epoch: 'e1', sequence: 12 } });
    last().hear(subscribed({ recovered: true, sequence: 12 }));
    expect(link()).toBe('catchingUp');
    last().hear(ended('b', 14));
    expect(link()).toBe('catchingUp');
    last().hear(ended('b', 15));
    expect(link()).toBe('live');
  });

  it('is live at once when nothing was missed', async () => {
    await live();
    await comeBack();
    last().hear(subscribed({ recovered: true, sequence: 10 }));
    expect(link()).toBe('live');
  });

  it('is live when the replay pauses, since a filter may leave out the newest event', async () => {
    await live();
    await comeBack({ sequence: 15 });
    last().hear(subscribed({ recovered: true, sequence: 10 }));
    await clock.advance(feedLimits.quietMs - 1);
    last().hear(ended('b', 13));
    await clock.advance(feedLimits.quietMs - 1);
    expect(link()).toBe('catchingUp');
    await clock.advance(1);
    expect(link()).toBe('live');
  });

  it('waits for the snapshot when the server could not recover', async () => {
    await live();
    await comeBack({ sequence: 40_000 });
    last().hear(subscribed({ recovered: false, sequence: 40_000 }));
    await clock.advance(feedLimits.quietMs * 2);
    expect(link()).toBe('catchingUp');
    last().hear(snapshot({ sequence: 40_000 }));
    expect(link()).toBe('live');
    await comeBack({ sequence: 40_000 });
    expect(last().sent.at(-1)).toMatchObject({ resume: { sequence: 40_000 } });
  });

  it('does not send a place of another log', async () => {
    await live();
    await comeBack({ epoch: 'e2', sequence: 3 });
    expect(last().sent.at(-1)).toEqual({ type: 'subscribe', id: 'all' });
  });

  it('tells no event twice', async () => {
    await live();
    last().hear(ended('a', 11));
    last().hear(ended('a', 11));
    last().hear(ended('a', 9));
    expect(news.filter((item) => item.kind === 'event')).toHaveLength(1);
  });

  it('begins anew after a gap', async () => {
    await live();
    const gap = eventOf('stream.gap.v1', { lost: 3, reason: 'bufferFull' }, 11);
    const [first] = sockets;
    first!.hear(wireEvent('all', gap));
    await settle();
    expect(first!.closed).toBe(true);
    last().hear(hello({ sequence: 11 }));
    expect(last().sent.at(-1)).toEqual({ type: 'subscribe', id: 'all' });
  });

  it('waits longer with each try, up to a limit, and begins anew with short waits once it was live', async () => {
    await live();
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      last().breakWith(1006);
      const retry = news.at(-1);
      const retryAtMs = retry?.kind === 'link' && retry.link.kind === 'waiting' ? retry.link.retryAtMs : 0;
      waits.push(retryAtMs - clock.nowMs());
      await clock.advance(retryAtMs - clock.nowMs());
    }
    expect(waits).toEqual([375, 750, 1500, 3000, 6000, 11_250, 11_250, 11_250]);
    last().hear(hello());
    last().hear(subscribed({ recovered: true, sequence: 10 }));
    expect(link()).toBe('live');
    last().breakWith(1006);
    expect(news.at(-1)).toMatchObject({ link: { kind: 'waiting', retryAtMs: clock.nowMs() + 375 } });
  });

  it('hears nothing of a socket that it has left', async () => {
    await live();
    const [first] = sockets;
    await comeBack();
    const before = news.length;
    first!.hear(ended('ghost', 99));
    first!.breakWith(1006);
    expect(news).toHaveLength(before);
  });
});

describe('a dead socket', () => {
  it('is found by a ping that nothing answers', async () => {
    await live();
    await clock.advance(feedLimits.pingEveryMs);
    expect(last().ofType('ping')).toHaveLength(1);
    await clock.advance(feedLimits.pongTimeoutMs);
    expect(sockets[0]!.closed).toBe(true);
    expect(link()).not.toBe('live');
  });

  it('is none while anything is heard', async () => {
    await live();
    for (let round = 0; round < 5; round += 1) {
      await clock.advance(feedLimits.pingEveryMs);
      last().hear({ type: 'pong' });
      await clock.advance(feedLimits.pongTimeoutMs);
    }
    expect(sockets).toHaveLength(1);
    expect(last().ofType('ping')).toHaveLength(5);
    expect(link()).toBe('live');
  });

  it('is looked for at once when the machine wakes up', async () => {
    await live();
    feed.wake();
    expect(last().ofType('ping')).toHaveLength(1);
    await clock.advance(feedLimits.wakeTimeoutMs);
    expect(sockets[0]!.closed).toBe(true);
  });

  it('makes a waiting feed try at once when the machine wakes up', async () => {
    await live();
    last().breakWith(1006);
    feed.wake();
    await settle();
    expect(sockets).toHaveLength(2);
  });

  it('is also one that opens and says nothing', async () => {
    feed.start();
    await settle();
    last().open();
    await clock.advance(feedLimits.helloTimeoutMs);
    expect(sockets[0]!.closed).toBe(true);
    expect(links()).toContain('waiting');
  });
});

describe('the end', () => {
  it('tries once more after a refused token, then asks for a new sign-in', async () => {
    feed.start();
    await settle();
    last().breakWith(4401);
    expect(link()).toBe('waiting');
    await clock.advance(1_000);
    expect(sockets).toHaveLength(2);
    last().breakWith(4401);
    expect(news.at(-1)).toEqual({ kind: 'link', link: { kind: 'refused', code: 'events.not_authenticated' } });
    await clock.advance(60_000);
    expect(sockets).toHaveLength(2);
  });

  it('asks for a new sign-in when no token is to be had', async () => {
    token = 'refused';
    feed.start();
    await settle();
    expect(link()).toBe('refused');
    expect(sockets).toHaveLength(0);
  });

  it('tries again when the server cannot be asked for a token', async () => {
    token = 'unreachable';
    feed.start();
    await settle();
    expect(link()).toBe('waiting');
    token = { token: 'tkt' };
    await clock.advance(1_000);
    expect(sockets).toHaveLength(1);
  });

  it('says so when the rights do not reach', async () => {
    feed.start();
    await settle();
    last().hear(hello());
    last().hear({ type: 'error', code: 'events.forbidden', message: 'no', mend: '', id: 'all' });
    expect(news.at(-1)).toEqual({ kind: 'link', link: { kind: 'refused', code: 'events.forbidden' } });
  });

  it('comes back later when no state can be had now', async () => {
    feed.start();
    await settle();
    last().hear(hello());
    last().hear({ type: 'error', code: 'cluster.no_owner', message: 'no', mend: '', id: 'all' });
    expect(link()).toBe('waiting');
    expect(last().closed).toBe(true);
    await clock.advance(1_000);
    expect(sockets).toHaveLength(2);
  });

  it('leaves no timer and no socket behind', async () => {
    await live();
    feed.stop();
    expect(last().closed).toBe(true);
    expect(clock.pendingTimers).toBe(0);
    expect(link()).toBe('stopped');
  });

  it('stopped while it asks for a token, opens nothing', async () => {
    feed.start();
    feed.stop();
    await settle();
    expect(sockets).toHaveLength(0);
  });
});
