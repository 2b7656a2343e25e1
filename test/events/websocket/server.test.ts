import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { LiveState } from '../../../src/events/index.ts';
import { Client, type SocketServer, serve } from '../sockets.ts';
import {
  agentEvent,
  agentView,
  breakable,
  callEvent,
  callView,
  event,
  ManualClock,
  memoryStore,
  openLog,
  settled,
} from '../support.ts';

const turn = () => new Promise(setImmediate);
const servers: SocketServer[] = [];

async function started(...args: Parameters<typeof serve>): Promise<SocketServer> {
  const server = await serve(...args);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe('connecting', () => {
  it('greets with the place in the log', async () => {
    const { url, log } = await started();
    log.write([callEvent('a')], []);
    await settled(log);
    const client = await Client.as('desk', url);
    expect(client.frames[0]).toMatchObject({
      type: 'hello',
      protocol: 'cti.v1',
      epoch: log.epoch,
      sequence: 1,
      nowMs: expect.any(Number),
    });
  });

  it('takes the token of a server from its upgrade request', async () => {
    const { url } = await started();
    const client = new Client(url, { headers: { authorization: 'Bearer desk' } });
    expect(await client.next('hello')).toMatchObject({ principal: { id: 'desk', kind: 'integration' } });
  });

  it('takes what a client sends without waiting for the greeting', async () => {
    const { url } = await started(undefined, {
      authenticate: async () => ({ principal: { id: 'x', kind: 'admin', scopes: [] } }),
    });
    const client = new Client(url);
    await client.opened();
    client.send({ type: 'auth', token: 'x' });
    client.send({ type: 'subscribe', id: 's', snapshot: false });
    expect(await client.next('subscribed')).toMatchObject({ id: 's' });
  });

  it.each([
    ['a wrong token', [{ type: 'auth', token: 'nobody' }]],
    ['no token before other frames', [{ type: 'subscribe', id: 's' }]],
  ])('closes on %s', async (_, frames) => {
    const { url, sockets } = await started();
    const client = new Client(url);
    await client.opened();
    for (const frame of frames) client.send(frame);
    expect(await client.closed()).toBe(4401);
    expect(client.frames).toMatchObject([{ type: 'error', code: 'events.not_authenticated' }]);
    expect(sockets.stats().refused).toBe(1);
  });

  it('closes when the key store fails', async () => {
    const { url } = await started(undefined, { authenticate: () => Promise.reject(new Error('down')) });
    const client = new Client(url);
    await client.opened();
    client.send({ type: 'auth', token: 'desk' });
    expect(await client.closed()).toBe(4401);
  });

  it('closes who does not show a token in time', async () => {
    const clock = new ManualClock();
    const { url } = await started(undefined, { clock });
    const client = new Client(url);
    await client.opened();
    clock.advance(5001);
    expect(await client.closed()).toBe(4401);
  });

  it.each([
    ['a page of another origin', { headers: { origin: 'https://evil.example' } }, 403],
    ['a client without the subprotocol', { protocols: [] }, 400],
  ])('refuses %s', async (_, options, status) => {
    const { url } = await started();
    await expect(new Client(url, options).opened()).rejects.toThrow(`${status}`);
  });

  it('lets in the page that the server itself serves, by http and behind a TLS proxy', async () => {
    const { url } = await started();
    const own = url.replace(/^ws/, 'http').replace('/v1/events', '');
    await expect(new Client(url, { headers: { origin: own } }).opened()).resolves.toBeUndefined();
    const behindProxy = { origin: 'https://cti.example', host: 'cti.example' };
    await expect(new Client(url, { headers: behindProxy }).opened()).resolves.toBeUndefined();
    const elsewhere = { origin: 'https://cti.example.evil', host: 'cti.example' };
    await expect(new Client(url, { headers: elsewhere }).opened()).rejects.toThrow('403');
  });

  it('lets in a page of an allowed origin', async () => {
    const { url } = await started();
    await expect(new Client(url, { headers: { origin: 'https://desk.example' } }).opened()).resolves.toBeUndefined();
  });

  it('refuses more connections than it may have', async () => {
    const { url, sockets } = await started(undefined, { limits: { connectionsMax: 1 } });
    await new Client(url).opened();
    await expect(new Client(url).opened()).rejects.toThrow('503');
    expect(sockets.stats()).toMatchObject({ open: 1, tooMany: 1 });
  });

  it('cuts who gives no sign of life', async () => {
    const clock = new ManualClock();
    const { url, sockets } = await started(undefined, { clock });
    const dead = new Client(url, { autoPong: false, headers: { authorization: 'Bearer desk' } });
    const alive = new Client(url, { headers: { authorization: 'Bearer desk' } });
    await Promise.all([dead.next('hello'), alive.next('hello')]);
    const pinged = new Promise((resolve) => alive.ws.once('ping', resolve));
    clock.advance(20_000);
    await pinged;
    // The answer to our ping must have been read before the next sweep.
    alive.send({ type: 'ping' });
    await alive.next('pong');
    clock.advance(20_000);
    expect(await dead.closed()).toBe(1006);
    expect(alive.closeCode).toBeUndefined();
    expect(sockets.stats()).toMatchObject({ halfOpen: 1, open: 1 });
  });

  it('answers pings and says goodbye', async () => {
    const server = await serve();
    const client = await Client.as('desk', server.url);
    client.send({ type: 'ping', nonce: 'n1' });
    expect(await client.next('pong')).toEqual({ type: 'pong', nonce: 'n1' });
    await server.stop();
    expect(await client.closed()).toBe(1001);
  });
});

describe('subscribing', () => {
  it('gives each event once per subscription, by filter', async () => {
    const { url, log } = await started();
    const client = await Client.as('desk', url);
    client.send({ type: 'subscribe', id: 'all', snapshot: false });
    client.send({ type: 'subscribe', id: 'agents', snapshot: false, filter: { types: ['agent.'] } });
    client.send({ type: 'subscribe', id: 'a', snapshot: false, filter: { calls: ['a'] } });
    client.send({ type: 'subscribe', id: 'q1', snapshot: false, filter: { queues: ['q1'], types: ['call.'] } });
    await client.next('subscribed', 'q1');
    log.write([callEvent('a'), callEvent('b', { queueId: 'q1' }), agentEvent('ann')], []);
    await client.until(() => client.sequences('all').length === 3 && client.sequences('agents').length === 1);
    expect(client.sequences('all')).toEqual([1, 2, 3]);
    expect(client.sequences('agents')).toEqual([3]);
    expect(client.sequences('a')).toEqual([1]);
    expect(client.sequences('q1')).toEqual([2]);
    client.send({ type: 'unsubscribe', id: 'all' });
    await client.next('unsubscribed', 'all');
    log.write([callEvent('a')], []);
    await client.until(() => client.sequences('a').length === 2);
    expect(client.sequences('all')).toEqual([1, 2, 3]);
  });

  it('masks numbers unless the token may see them, in events and in snapshots', async () => {
    const state: LiveState = { calls: [{ call: callView('a') }], agents: [], queues: [] };
    const { url, log } = await started(undefined, { snapshot: () => state });
    const [desk, crm] = await Promise.all([Client.as('desk', url), Client.as('crm', url)]);
    for (const client of [desk, crm]) {
      client.send({ type: 'subscribe', id: 's' });
      await client.next('snapshot');
    }
    log.write([callEvent('a')], []);
    for (const client of [desk, crm]) await client.next('event');
    expect(JSON.stringify(desk.frames)).not.toContain('13800138000');
    expect(desk.events()[0]?.data).toMatchObject({ call: { callerNumber: '138****8000' } });
    expect(crm.events()[0]?.data).toMatchObject({ call: { callerNumber: '13800138000' } });
    expect(await desk.next('snapshot')).toMatchObject({ calls: [{ call: { callerNumber: '138****8000' } }] });
    expect(await crm.next('snapshot')).toMatchObject({ calls: [{ call: { callerNumber: '13800138000' } }] });
    expect(desk.frames).toContainEqual(expect.objectContaining({ type: 'subscribed', masked: true }));
  });

  it('gives an agent what concerns itself and nothing else', async () => {
    const state: LiveState = {
      calls: [{ call: callView('mine', { agentId: 'ann' }) }, { call: callView('other', { agentId: 'bob' }) }],
      agents: [agentView('ann'), agentView('bob')],
      queues: [],
    };
    const { url, log } = await started(undefined, { snapshot: () => state });
    const client = await Client.as('ann', url);
    client.send({ type: 'subscribe', id: 's' });
    expect(await client.next('snapshot')).toMatchObject({ calls: [{ call: { id: 'mine' } }], agents: [{ id: 'ann' }] });
    client.send({ type: 'subscribe', id: 'bob', filter: { agents: ['bob'] } });
    expect(await client.next('error', 'bob')).toMatchObject({ code: 'events.forbidden' });
    log.write([agentEvent('bob'), callEvent('x', { agentId: 'bob' }), callEvent('y', { agentId: 'ann' })], []);
    await client.next('event');
    expect(client.sequences()).toEqual([3]);
    client.send({ type: 'subscribe', id: 'durable', consumer: 'c' });
    expect(await client.next('error', 'durable')).toMatchObject({ code: 'events.forbidden' });
  });

  it('refuses without the right', async () => {
    const { url } = await started();
    const client = await Client.as('mute', url);
    client.send({ type: 'subscribe', id: 's' });
    expect(await client.next('error', 's')).toMatchObject({ code: 'events.forbidden' });
  });

  it('refuses a used id and too many', async () => {
    const { url } = await started(undefined, { limits: { subscriptionsMax: 2 } });
    const client = await Client.as('desk', url);
    client.send({ type: 'subscribe', id: 'a' });
    client.send({ type: 'subscribe', id: 'a' });
    expect(await client.next('error', 'a')).toMatchObject({ code: 'events.subscription_exists' });
    client.send({ type: 'subscribe', id: 'b' });
    client.send({ type: 'subscribe', id: 'c' });
    expect(await client.next('error', 'c')).toMatchObject({ code: 'events.too_many_subscriptions' });
    client.send({ type: 'ack', id: 'zz', sequence: 1 });
    expect(await client.next('error', 'zz')).toMatchObject({ code: 'events.subscription_unknown' });
  });
});

describe('snapshots', () => {
  it('holds a snapshot until what it shows is committed, then goes on after it', async () => {
    const clock = new ManualClock();
    const broken = breakable(memoryStore(clock));
    const { url, log } = await started(await openLog({ store: broken.store, clock }));
    const client = await Client.as('desk', url);
    broken.away = true;
    log.write([callEvent('a'), callEvent('b')], []);
    client.send({ type: 'subscribe', id: 's' });
    expect(await client.next('subscribed')).toMatchObject({ sequence: 2 });
    log.write([callEvent('c')], []);
    client.send({ type: 'ping' });
    await client.next('pong');
    expect(client.frames.map((frame) => frame.type)).toEqual(['hello', 'subscribed', 'pong']);
    broken.away = false;
    clock.advance(1000);
    await client.next('event');
    expect(client.frames.map((frame) => frame.type)).toEqual(['hello', 'subscribed', 'pong', 'snapshot', 'event']);
    expect(await client.next('snapshot')).toMatchObject({ sequence: 2 });
    expect(client.sequences()).toEqual([3]);
  });

  it('gives up a held snapshot when the store stays away', async () => {
    const clock = new ManualClock();
    const broken = breakable(memoryStore(clock));
    const { url, log, sockets } = await started(await openLog({ store: broken.store, clock }), { clock });
    const client = await Client.as('desk', url);
    broken.away = true;
    log.write([callEvent('a')], []);
    client.send({ type: 'subscribe', id: 's' });
    await client.next('subscribed');
    clock.advance(10_001);
    expect(await client.next('error', 's')).toMatchObject({ code: 'events.store_away' });
    expect(sockets.stats().held).toBe(0);
  });
});

describe('resuming', () => {
  it.each([64, 4])('fills the gap from memory or the store (%i recent events)', async (recentMax) => {
    const { url, log } = await started(await openLog({ recentMax }));
    for (let n = 0; n < 300; n += 1) log.write([callEvent(`c${n}`)], []);
    await settled(log);
    const client = await Client.as('desk', url);
    client.send({ type: 'subscribe', id: 's', resume: { epoch: log.epoch, sequence: '0000000000000290' } });
    expect(await client.next('subscribed')).toMatchObject({ recovered: true });
    log.write([callEvent('live')], []);
    await client.until(() => client.sequences().length >= 11);
    expect(client.sequences()).toEqual([291, 292, 293, 294, 295, 296, 297, 298, 299, 300, 301]);
    expect(client.frames.some((frame) => frame.type === 'snapshot')).toBe(false);
  });

  it.each([
    ['another epoch', { epoch: 'elsewhere', sequence: 1 }],
    ['a sequence that is not yet there', { sequence: 999 }],
    ['a place that retention has removed', { sequence: 0 }],
  ])('says recovered: false and gives a snapshot for %s', async (_, resume) => {
    const { url, log, store } = await started(await openLog({ recentMax: 2 }));
    for (let n = 0; n < 10; n += 1) log.write([{ ...callEvent('a'), atMs: n }], []);
    await settled(log);
    await store.prune(5, 100);
    const client = await Client.as('desk', url);
    client.send({ type: 'subscribe', id: 's', resume: { epoch: log.epoch, ...resume } });
    expect(await client.next('snapshot')).toMatchObject({ sequence: 10 });
    expect(await client.next('subscribed')).toMatchObject({ recovered: false });
    expect(client.sequences()).toEqual([]);
  });

  it('does not replay across an announced gap, nor more than is sensible', async () => {
    const { url, log } = await started(await openLog({ bufferMax: 2 }), { limits: { replayMax: 5 } });
    log.write([callEvent('a')], []);
    await settled(log);
    log.write([callEvent('a'), callEvent('b'), callEvent('c')], []);
    while (log.lastGap === 0) await turn();
    const client = await Client.as('desk', url);
    client.send({ type: 'subscribe', id: 'over', resume: { epoch: log.epoch, sequence: 1 } });
    client.send({ type: 'subscribe', id: 'at', resume: { epoch: log.epoch, sequence: 2 } });
    expect(await client.next('subscribed', 'over')).toMatchObject({ recovered: false });
    expect(await client.next('subscribed', 'at')).toMatchObject({ recovered: true });
    for (let n = 0; n < 6; n += 1) {
      log.write([callEvent('a')], []);
      await settled(log);
    }
    client.send({ type: 'subscribe', id: 'far', resume: { epoch: log.epoch, sequence: 2 } });
    expect(await client.next('subscribed', 'far')).toMatchObject({ recovered: false });
  });

  it('replays across the gap of a crash: nobody was told what is missing there', async () => {
    const before = await openLog();
    before.log.write([callEvent('a'), callEvent('b')], []);
    await settled(before.log);
    // Never closed: the next server finds that the one before it has died.
    const { url, log } = await started(await openLog({ store: before.store }));
    log.write([callEvent('b')], []);
    await settled(log);
    const client = await Client.as('desk', url);
    client.send({ type: 'subscribe', id: 's', resume: { epoch: log.epoch, sequence: 1 } });
    expect(await client.next('subscribed')).toMatchObject({ recovered: true, sequence: 1 });
    await client.until(() => client.sequences().length === 3);
    expect(client.events().map(({ sequence, type }) => [Number(sequence), type])).toEqual([
      [2, 'call.arrived.v1'],
      [3, 'stream.gap.v1'],
      [4, 'call.arrived.v1'],
    ]);
  });

  it('announces a gap to every subscriber, whatever it filters', async () => {
    const { url, log } = await started(await openLog({ bufferMax: 2 }));
    const [desk, ann] = await Promise.all([Client.as('desk', url), Client.as('ann', url)]);
    desk.send({ type: 'subscribe', id: 's', snapshot: false, filter: { calls: ['none'] } });
    ann.send({ type: 'subscribe', id: 's', snapshot: false });
    await Promise.all([desk.next('subscribed'), ann.next('subscribed')]);
    log.write([callEvent('a'), callEvent('b'), callEvent('c')], []);
    for (const client of [desk, ann]) {
      await client.next('event');
      expect(client.events()).toMatchObject([{ type: 'stream.gap.v1', data: { lost: 3 } }]);
    }
  });

  it('says that the log cannot be read now', async () => {
    const broken = breakable(memoryStore());
    const { url, log } = await started(await openLog({ store: broken.store, recentMax: 2 }));
    for (let n = 0; n < 10; n += 1) log.write([callEvent('a')], []);
    await settled(log);
    broken.away = true;
    const client = await Client.as('desk', url);
    client.send({ type: 'subscribe', id: 's', resume: { epoch: log.epoch, sequence: 1 } });
    expect(await client.next('error', 's')).toMatchObject({ code: 'events.store_away' });
  });
});

describe('durable consumers', () => {
  it('delivers again what was not acknowledged, after any disconnect', async () => {
    const { url, log, sockets } = await started();
    const subscribe = { type: 'subscribe', id: 's', consumer: 'tickets', filter: { types: ['call.'] } };
    const first = await Client.as('crm', url);
    first.send(subscribe);
    await first.next('subscribed');
    log.write([callEvent('a'), agentEvent('ann'), callEvent('b'), callEvent('c')], []);
    await first.until(() => first.sequences().length === 3);
    first.send({ type: 'ack', id: 's', sequence: 3 });
    first.send({ type: 'ping' });
    await first.next('pong');
    await first.close();
    log.write([callEvent('d')], []);
    await settled(log);
    while (sockets.stats().open > 0) await turn();
    const second = await Client.as('crm', url);
    second.send(subscribe);
    expect(await second.next('subscribed')).toMatchObject({ recovered: true, sequence: 3 });
    await second.until(() => second.sequences().length === 2);
    expect(second.sequences()).toEqual([4, 5]);
  });

  it('waits for acks when its window is full', async () => {
    const { url, log } = await started(undefined, { limits: { ackWindow: 3 } });
    const client = await Client.as('crm', url);
    client.send({ type: 'subscribe', id: 's', consumer: 'c' });
    await client.next('subscribed');
    log.write(
      Array.from({ length: 7 }, (_, n) => callEvent(`c${n}`)),
      [],
    );
    await settled(log);
    client.send({ type: 'ping' });
    await client.next('pong');
    expect(client.sequences()).toEqual([1, 2, 3]);
    client.send({ type: 'ack', id: 's', sequence: 9 });
    expect(await client.next('error')).toMatchObject({ code: 'events.ack_invalid' });
    client.send({ type: 'ack', id: 's', sequence: 2 });
    await client.until(() => client.sequences().length === 5);
    expect(client.sequences()).toEqual([1, 2, 3, 4, 5]);
  });

  it('is read by the newest connection only, and belongs to its token', async () => {
    const { url, log, store } = await started();
    const older = await Client.as('crm', url);
    older.send({ type: 'subscribe', id: 's', consumer: 'c' });
    await older.next('subscribed');
    const newer = await Client.as('crm', url);
    newer.send({ type: 'subscribe', id: 's', consumer: 'c' });
    await newer.next('subscribed');
    expect(await older.next('error', 's')).toMatchObject({ code: 'events.consumer_taken' });
    log.write([callEvent('a')], []);
    await newer.next('event');
    expect(older.sequences()).toEqual([]);
    newer.send({ type: 'ack', id: 's', sequence: 1 });
    while ((await store.loadCursor('crm/c')) !== 1) await turn();
    expect(await store.loadCursor('desk/c')).toBeUndefined();
  });

  it('gets gaps in their place instead of a snapshot', async () => {
    const { url, log, store } = await started(await openLog({ bufferMax: 2 }));
    await store.saveCursor('crm/c', 0, 1);
    log.write([callEvent('a')], []);
    await settled(log);
    log.write([callEvent('a'), callEvent('b'), callEvent('c')], []);
    while (log.lastGap === 0) await turn();
    const client = await Client.as('crm', url);
    client.send({ type: 'subscribe', id: 's', consumer: 'c' });
    await client.until(() => client.sequences().length === 2);
    expect(client.events().map((seen) => seen.type)).toEqual(['call.arrived.v1', 'stream.gap.v1']);
  });

  it('is told with a snapshot when retention has overtaken it', async () => {
    const { url, log, store } = await started(await openLog({ recentMax: 2 }));
    await store.saveCursor('crm/c', 0, 1);
    for (let n = 0; n < 6; n += 1) log.write([{ ...callEvent('a'), atMs: n }], []);
    await settled(log);
    await store.prune(3, 100);
    const client = await Client.as('crm', url);
    client.send({ type: 'subscribe', id: 's', consumer: 'c' });
    await client.next('snapshot');
    expect(await client.next('subscribed')).toMatchObject({ recovered: false, sequence: 6 });
    log.write([callEvent('a')], []);
    await client.next('event');
    expect(client.sequences()).toEqual([7]);
  });
});

describe('slow readers', () => {
  it('are closed with 4008 and lose nothing when they resume; the others do not wait', async () => {
    const { url, log, sockets } = await started(await openLog({ recentMax: 8192 }));
    const [slow, quick] = await Promise.all([Client.as('desk', url), Client.as('desk', url)]);
    for (const client of [slow, quick]) {
      client.send({ type: 'subscribe', id: 's', snapshot: false });
      await client.next('subscribed');
    }
    slow.ws.pause();
    const big = 'x'.repeat(20_000);
    let written = 0;
    while (sockets.stats().slowReaders === 0) {
      log.write([callEvent(`c${written}`, { data: { big } })], []);
      written += 1;
      await settled(log);
      await quick.until(() => quick.sequences().length === written);
    }
    slow.ws.resume();
    expect(await slow.closed()).toBe(4008);
    const seen = slow.sequences();
    const again = await Client.as('desk', url);
    again.send({ type: 'subscribe', id: 's', resume: { epoch: log.epoch, sequence: seen.at(-1) ?? 0 } });
    await again.until(() => seen.length + again.sequences().length >= written);
    expect([...seen, ...again.sequences()]).toEqual(Array.from({ length: written }, (_, n) => n + 1));
  });
});

describe('hostile clients', () => {
  it('answers garbage with an error code and closes after ten', async () => {
    const { url, sockets } = await started();
    const client = await Client.as('desk', url);
    for (let n = 0; n < 12; n += 1) client.ws.send('{"type":');
    expect(await client.closed()).toBe(4400);
    const errors = client.frames.filter((frame) => frame.type === 'error');
    expect(errors).toHaveLength(10);
    expect(errors[0]).toMatchObject({ code: 'events.frame_invalid' });
    expect(sockets.stats().badFrames).toBe(10);
  });

  it('closes on an oversized frame', async () => {
    const { url } = await started();
    const client = await Client.as('desk', url);
    client.send({ type: 'ping', nonce: 'x'.repeat(20_000) });
    expect(await client.closed()).toBe(1009);
  });

  it('bears any frames, before and after the token', async () => {
    const { url, log, sockets } = await started(undefined, {
      limits: { badFramesMax: 1_000_000, framesPerSecondMax: 1_000_000 },
    });
    const observer = await Client.as('desk', url);
    observer.send({ type: 'subscribe', id: 's', snapshot: false });
    await observer.next('subscribed');
    const likely = fc.record(
      {
        type: fc.constantFrom('auth', 'subscribe', 'unsubscribe', 'ack', 'ping', '__proto__', 'event'),
        id: fc.oneof(fc.string(), fc.constantFrom('s', 't', '__proto__', 'constructor', '"},{"')),
        token: fc.string(),
        sequence: fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant('9'.repeat(16))),
        filter: fc.oneof(
          fc.jsonValue(),
          fc.record({ types: fc.array(fc.string()), agents: fc.array(fc.string()) }, { requiredKeys: [] }),
        ),
        resume: fc.oneof(fc.jsonValue(), fc.record({ epoch: fc.constantFrom(log.epoch, 'x'), sequence: fc.integer() })),
        consumer: fc.string(),
        nonce: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    const frame = fc.oneof(
      likely.map((value) => JSON.stringify(value)),
      fc.string(),
      fc.uint8Array({ maxLength: 100 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 20 }), fc.boolean(), async (frames, known) => {
        const client = known ? await Client.as('desk', url) : new Client(url);
        if (!known) await client.opened();
        for (const text of frames) client.ws.send(text);
        await client.close();
      }),
      { seed: 11, numRuns: 60 },
    );
    log.write([event('pbx.restarted.v1', 'node/n1', { nodeId: 'n1' })], []);
    await observer.next('event');
    expect(observer.sequences()).toEqual([1]);
    while (sockets.stats().open > 1) await turn();
    expect(sockets.stats()).toMatchObject({ open: 1, held: 0 });
  });

  it('is refused at another path, and its connection closed though it does not close its end', async () => {
    const { url } = await started();
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await new Promise((resolve) => socket.once('end', resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    socket.destroy();
  });

  it('bears raw bytes instead of WebSocket frames', async () => {
    const { url, sockets } = await started();
    const { port } = new URL(url);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => {});
        const upgrade = `GET /v1/events HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\nSec-WebSocket-Protocol: cti.v1\r\n\r\n`;
        socket.write(upgrade);
        socket.write(bytes);
        socket.resume();
        await new Promise<void>((resolve) => socket.once('data', () => resolve()));
        const gone = new Promise((resolve) => socket.once('close', resolve));
        socket.end();
        setImmediate(() => socket.destroy());
        await gone;
      }),
      { seed: 13, numRuns: 40 },
    );
    while (sockets.stats().open > 0) await turn();
    await Client.as('desk', url);
  });
});
