import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { EventStore, StoredEvent } from '../../src/events/ports.ts';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { createEventStore, createStores, type StoreOptions } from '../../src/storage/index.ts';
import { silent } from '../events/support.ts';
import { freezeInCommit } from './support/frozen-writer.ts';
import { cleanUps, databases, runSql } from './support/databases.ts';

const parts = { clock: systemClock, rng: systemRng, logger: silent };

function open(options: StoreOptions): EventStore {
  const store = createEventStore(options, parts);
  cleanUps.push(() => store.close({ clean: true }).catch(() => {}));
  return store;
}

const stored = (sequence: number, over: Partial<StoredEvent> = {}): StoredEvent => ({
  sequence,
  id: `id-${sequence}`,
  type: 'call.arrived.v1',
  subject: `call/c${sequence}`,
  atMs: 1_790_000_000_000 + sequence,
  callSequence: 1,
  body: JSON.stringify({ sequence, text: '来电 \u0000 😀 "quoted"' }),
  ...over,
});
async function runStatement(url: string, statement: string): Promise<void> {
  if (!url.startsWith('sqlite:')) return runSql(url, statement);
  const db = new DatabaseSync(url.slice('sqlite:'.length));
  db.exec(statement);
  db.close();
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => stored(from + i));

describe.each(databases.filter(({ name }) => name === 'PostgreSQL'))(
  'a store of several instances on $name',
  ({ url }) => {
    const shard = 'main';
    const fenceOf = (token: number, silenceMs = 10_000) => ({ shard, token, silenceMs });
    const instance = (id: string) => ({ term: `${id}.1`, instanceId: id, url: `http://${id}` });
    const openStores = (options: StoreOptions) => {
      const stores = createStores(options, parts);
      cleanUps.push(() => stores.release().catch(() => {}));
      return stores;
    };

    it('gives each token once, to whoever knew the newest', async () => {
      const stores = openStores({ url: await url() });
      const { shards } = stores;
      await stores.prepare();
      expect(await shards.owner(shard)).toBeUndefined();
      const firsts = await Promise.all(['a', 'b', 'c'].map((id) => shards.take(shard, 0, instance(id), 1)));
      expect(firsts.filter((token) => token === 1)).toHaveLength(1);
      expect(firsts.filter((token) => token === undefined)).toHaveLength(2);
      expect(await shards.take(shard, 1, instance('d'), 2)).toBe(2);
      expect(await shards.owner(shard)).toEqual({ token: 2, ...instance('d') });
      expect(await shards.take('another', 0, instance('a'), 3)).toBe(1);
    });

    it('takes nothing from an owner whose token is not the newest', async () => {
      const at = await url();
      const stores = openStores({ url: at });
      const { shards } = stores;
      await stores.prepare();
      await shards.take(shard, 0, instance('a'), 1);
      const old = open({ url: at, fence: fenceOf(1) });
      await old.open();
      await old.commit({ events: range(1, 2), states: [] });
      await shards.take(shard, 1, instance('b'), 2);
      await expect(old.commit({ events: range(3, 3), states: [] })).rejects.toMatchObject({ code: 'storage.fenced' });
      await expect(old.close({ clean: true })).rejects.toMatchObject({ code: 'storage.fenced' });
      const next = open({ url: at, fence: fenceOf(2) });
      expect(await next.open()).toMatchObject({ lastSequence: 2, unclean: true });
      await next.commit({ events: range(3, 4), states: [] });
      expect((await next.read(0, 10)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    });

    it('lets a commit under way end before the next token is taken', async () => {
      const at = await url();
      const stores = openStores({ url: at });
      const { shards } = stores;
      await stores.prepare();
      await shards.take(shard, 0, instance('a'), 1);
      const old = open({ url: at, fence: fenceOf(1) });
      await old.open();
      let sequence = 0;
      let refused = false;
      const writing = (async () => {
        for (; sequence < 500 && !refused; sequence += 1) {
          await old.commit({ events: range(sequence + 1, sequence + 1), states: [] }).catch(() => (refused = true));
        }
      })();
      await expect.poll(() => sequence).toBeGreaterThan(3);
      await shards.take(shard, 1, instance('b'), 2);
      const next = open({ url: at, fence: fenceOf(2) });
      const { lastSequence } = await next.open();
      await writing;
      expect(refused).toBe(true);
      expect(await next.read(lastSequence, 10)).toEqual([]);
    });

    it('does not wait for a writer who stands still in the middle of a commit', async () => {
      const at = await url();
      const stores = openStores({ url: at, lockWaitMs: 100 });
      const { shards } = stores;
      await stores.prepare();
      await shards.take(shard, 0, instance('a'), 1);
      const frozen = await freezeInCommit({ url: at, fence: fenceOf(1, 1_000) });
      cleanUps.push(() => frozen.end());
      // The row is held: whoever wants it hears so, and does not hang on it.
      await expect(shards.take(shard, 1, instance('b'), 2)).rejects.toMatchObject({ code: 'storage.unavailable' });
      await expect.poll(() => shards.take(shard, 1, instance('b'), 2).catch(() => 0), { timeout: 8_000 }).toBe(2);
      expect(await frozen.wake()).toBe('storage.unavailable');
      expect(await frozen.commitAgain()).toBe('storage.fenced');
    });
  },
);

describe.each(databases)('event store on $name', ({ url }) => {
  it('begins empty and finds its log again after closing', async () => {
    const at = await url();
    const store = open({ url: at });
    const first = await store.open();
    expect(first).toMatchObject({ lastSequence: 0, lastGap: 0, unclean: false });
    await store.commit({ events: range(1, 3), states: [] });
    await store.close({ clean: true });
    const again = await open({ url: at }).open();
    expect(again).toEqual({ epoch: first.epoch, lastSequence: 3, lastGap: 0, unclean: false });
  });

  it('tells an unclean end', async () => {
    const at = await url();
    const store = open({ url: at });
    await store.open();
    await store.close({ clean: false });
    expect(await open({ url: at }).open()).toMatchObject({ unclean: true });
  });

  it('runs each migration once when two servers start at the same time', async () => {
    const at = await url();
    const positions = await Promise.all([open({ url: at }).open(), open({ url: at }).open()]);
    expect(positions[0]?.epoch).toBe(positions[1]?.epoch);
  });

  it('opens what a newer version has brought further', async () => {
    const at = await url();
    const stores = createStores({ url: at }, parts);
    await stores.prepare();
    await stores.release();
    await runStatement(at, "insert into ringmaster_migrations (name, timestamp) values ('9999-future', '2030-01-01')");
    expect(await open({ url: at }).open()).toMatchObject({ lastSequence: 0 });
  });

  it('keeps every field of events, in order, by pages', async () => {
    const store = open({ url: await url() });
    await store.open();
    const events = [...range(1, 150), { ...stored(151), callSequence: 7, type: 'call.ended.v1' }];
    await store.commit({ events, states: [] });
    expect(await store.read(0, 1000)).toEqual(events);
    expect((await store.read(100, 10)).map((event) => event.sequence)).toEqual([
      101, 102, 103, 104, 105, 106, 107, 108, 109, 110,
    ]);
    expect(await store.read(151, 10)).toEqual([]);
  });

  it('keeps an event without a call sequence as such', async () => {
    const store = open({ url: await url() });
    await store.open();
    const { callSequence: _, ...plain } = stored(1);
    await store.commit({ events: [plain], states: [] });
    expect(await store.read(0, 10)).toEqual([plain]);
  });

  it('writes, replaces and deletes states with their events', async () => {
    const store = open({ url: await url() });
    await store.open();
    const call = (id: string, version: number, state: object | null) => ({ kind: 'call' as const, id, version, state });
    const kinds = ['agent', 'lastAgent', 'mirrored', 'redial', 'rules'] as const;
    const others = kinds.map((kind) => ({ kind, id: 'a', version: 2, state: { n: 9 } }));
    await store.commit({ events: range(1, 1), states: [call('a', 1, { n: 1 }), call('b', 1, { n: 1 })] });
    await store.commit({
      events: range(2, 2),
      states: [call('a', 2, { n: 2 }), call('b', 2, null), ...others],
    });
    const states = await store.states();
    expect(states.filter(({ kind }) => kind === 'call')).toEqual([call('a', 2, { n: 2 })]);
    expect(states.filter(({ kind }) => kind !== 'call')).toEqual(others);
  });

  it('tells what events of one type after a place are about', async () => {
    const store = open({ url: await url() });
    await store.open();
    const ended = { type: 'call.ended.v1' };
    await store.commit({ events: [stored(1, ended), stored(2), stored(3, ended), stored(4, ended)], states: [] });
    expect(await store.subjects('call.ended.v1', 1)).toEqual(['call/c3', 'call/c4']);
    expect(await store.subjects('call.ended.v1', -100)).toEqual(['call/c1', 'call/c3', 'call/c4']);
  });

  it('takes the same batch twice, as after a lost answer', async () => {
    const store = open({ url: await url() });
    await store.open();
    const batch = { events: range(1, 20), states: [{ kind: 'call' as const, id: 'a', version: 20, state: { n: 1 } }] };
    await store.commit(batch);
    await store.commit(batch);
    expect(await store.read(0, 100)).toEqual(batch.events);
  });

  it("refuses another writer's events and leaves nothing of them", async () => {
    const store = open({ url: await url() });
    await store.open();
    await store.commit({ events: range(1, 2), states: [] });
    const foreign = [{ ...stored(2), id: 'other' }, stored(3)];
    const states = [{ kind: 'call' as const, id: 'x', version: 3, state: {} }];
    await expect(store.commit({ events: foreign, states })).rejects.toMatchObject({ code: 'storage.conflict' });
    expect(await store.read(0, 10)).toEqual(range(1, 2));
    expect(await store.states()).toEqual([]);
  });

  it('finds the newest gap', async () => {
    const at = await url();
    const store = open({ url: at });
    await store.open();
    await store.commit({ events: [stored(1), stored(2, { type: 'stream.gap.v1' }), stored(3)], states: [] });
    await store.close({ clean: true });
    expect(await open({ url: at }).open()).toMatchObject({ lastSequence: 3, lastGap: 2 });
  });

  it('counts the gap of a crash for none: nobody was told what is missing', async () => {
    const at = await url();
    const store = open({ url: at });
    await store.open();
    const gap = (sequence: number, reason: string) =>
      stored(sequence, { type: 'stream.gap.v1', body: JSON.stringify({ data: { lost: 0, reason } }) });
    await store.commit({ events: [gap(1, 'bufferFull'), gap(2, 'uncleanStop')], states: [] });
    await store.close({ clean: true });
    expect(await open({ url: at }).open()).toMatchObject({ lastSequence: 2, lastGap: 1 });
  });

  it('never moves a cursor back', async () => {
    const store = open({ url: await url() });
    await store.open();
    expect(await store.loadCursor('k/crm')).toBeUndefined();
    await store.saveCursor('k/crm', 5, 1);
    await store.saveCursor('k/crm', 3, 2);
    expect(await store.loadCursor('k/crm')).toBe(5);
    await store.saveCursor('k/crm', 8, 3);
    expect(await store.loadCursor('k/crm')).toBe(8);
  });

  it('lists consumers, the one not heard of for longest first, and forgets one', async () => {
    const store = open({ url: await url() });
    await store.open();
    for (const [id, atMs] of [
      ['k/crm', 2],
      ['k/old', 1],
      ['l/crm', 3],
    ] as const)
      await store.saveCursor(id, 5, atMs);
    expect(await store.consumers(2)).toEqual([
      { id: 'k/old', sequence: 5, atMs: 1 },
      { id: 'k/crm', sequence: 5, atMs: 2 },
    ]);
    expect([await store.removeConsumer('k/crm'), await store.removeConsumer('k/crm')]).toEqual([true, false]);
    expect(await store.loadCursor('k/crm')).toBeUndefined();
    expect((await store.consumers(9)).map(({ id }) => id)).toEqual(['k/old', 'l/crm']);
  });

  it('prunes the oldest in steps, without a hole, and never uses a sequence twice', async () => {
    const at = await url();
    const store = open({ url: at });
    await store.open();
    const old = (sequence: number) => stored(sequence, { atMs: 100 });
    await store.commit({ events: [old(1), old(2), stored(3, { atMs: 900 }), old(4), old(5)], states: [] });
    expect(await store.prune(500, 1)).toBe(1);
    expect(await store.prune(500, 10)).toBe(1);
    expect(await store.prune(500, 10)).toBe(0);
    expect((await store.read(0, 10)).map((event) => event.sequence)).toEqual([3, 4, 5]);
    expect(await store.prune(5000, 10)).toBe(3);
    await store.close({ clean: true });
    expect(await open({ url: at }).open()).toMatchObject({ lastSequence: 5 });
  });

  it('reads while it commits', async () => {
    const store = open({ url: await url() });
    await store.open();
    const commits = Array.from({ length: 10 }, (_, i) =>
      store.commit({ events: range(i * 5 + 1, i * 5 + 5), states: [] }),
    );
    const reads = Array.from({ length: 10 }, () => store.read(0, 100));
    await Promise.all(commits);
    for (const seen of await Promise.all(reads)) expect(seen.length % 5).toBe(0);
    expect(await store.read(0, 100)).toHaveLength(50);
  });

  it('says so when it is closed', async () => {
    const store = createEventStore({ url: await url() }, parts);
    await store.open();
    await store.close({ clean: true });
    await expect(store.read(0, 1)).rejects.toMatchObject({ code: 'storage.unavailable' });
  });
});

it('refuses a URL that it does not know', () => {
  expect(() => createEventStore({ url: 'mysql://x' }, parts)).toThrow(
    expect.objectContaining({ code: 'storage.url_invalid' }),
  );
});

it('says that a PostgreSQL that is not there is unavailable', async () => {
  const store = open({ url: 'postgres://nobody@127.0.0.1:1/none' });
  await expect(store.open()).rejects.toMatchObject({ code: 'storage.unavailable' });
});
