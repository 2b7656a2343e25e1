import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/events/index.ts';
import { AppError, InvariantError, systemClock } from '../../src/kernel/index.ts';
import { storageErrors } from '../../src/storage/index.ts';
import { breakable, callEvent, callState, ManualClock, memoryStore, openLog, settled } from './support.ts';

const turn = () => new Promise(setImmediate);

describe('EventLog', () => {
  it('gives contiguous sequences and publishes only what is committed, in order', async () => {
    const { log, store } = await openLog();
    const seen: LogEvent[] = [];
    log.onCommitted((events) => seen.push(...events));
    log.write([callEvent('a'), callEvent('b')], [callState('a', { n: 1 })]);
    expect(log.lastAssigned).toBe(2);
    expect(log.lastCommitted).toBe(0);
    expect(seen).toEqual([]);
    await settled(log);
    expect(seen.map((event) => [event.sequence, event.subject])).toEqual([
      [1, 'call/a'],
      [2, 'call/b'],
    ]);
    expect(await store.states()).toEqual([{ kind: 'call', id: 'a', version: 2, state: { n: 1 } }]);
  });

  it('writes a CloudEvent', async () => {
    const { log } = await openLog({ source: '/ringmaster/test' });
    const seen: LogEvent[] = [];
    log.onCommitted((events) => seen.push(...events));
    log.write([{ ...callEvent('a', {}, 4), reconciled: true }], []);
    await settled(log);
    const first = seen[0];
    expect(JSON.parse(first?.text(true) ?? '')).toMatchObject({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      source: '/ringmaster/test',
      type: 'call.arrived.v1',
      subject: 'call/a',
      time: '2026-09-21T14:13:20.000Z',
      datacontenttype: 'application/json',
      sequence: '0000000000000001',
      epoch: log.epoch,
      callseq: 4,
      reconciled: true,
      data: { call: { id: 'a', callerNumber: '13800138000' } },
    });
    expect(JSON.parse(first?.text(false) ?? '')).toMatchObject({ data: { call: { callerNumber: '138****8000' } } });
  });

  it('refuses what does not fit the catalogue, as a defect', async () => {
    const { log } = await openLog();
    expect(() => log.write([{ ...callEvent('a'), data: { call: { id: 'a' } } }], [])).toThrow(InvariantError);
    expect(() => log.write([{ ...callEvent('a'), type: 'call.made-up.v1' as never }], [])).toThrow(InvariantError);
  });

  it('joins what comes in while a commit is under way, keeping only the newest state', async () => {
    const { log, store } = await openLog();
    log.write([callEvent('a')], [callState('a', { n: 0 })]);
    await turn();
    for (let n = 1; n <= 50; n += 1) log.write([callEvent('a')], [callState('a', { n })]);
    await settled(log);
    expect(log.stats().commits).toBeLessThan(10);
    expect(await store.states()).toMatchObject([{ version: 51, state: { n: 50 } }]);
  });

  it('lets what nobody looks at wait, until what somebody looks at takes it along', async () => {
    const clock = new ManualClock();
    const isPrompt = ({ subject }: { readonly subject: string }): boolean => subject === 'call/urgent';
    const { log } = await openLog({ lingerMs: 5, patientLingerMs: 20, isPrompt, clock });
    const committedAfter = async (ms: number): Promise<number> => {
      clock.advance(ms);
      for (let turns = 0; turns < 20; turns += 1) await turn();
      return log.lastCommitted;
    };
    log.write([callEvent('a')], []);
    expect(await committedAfter(19)).toBe(0);
    expect(await committedAfter(1)).toBe(1);

    log.write([callEvent('a')], []);
    expect(await committedAfter(10)).toBe(1);
    log.write([callEvent('urgent')], []);
    expect(await committedAfter(4)).toBe(1);
    expect(await committedAfter(1)).toBe(3);

    log.write([callEvent('urgent')], []);
    log.write([callEvent('a')], []);
    expect(await committedAfter(5)).toBe(5);
    expect(await committedAfter(100)).toBe(5);
    expect(log.stats().commits).toBe(3);
    expect(await log.stop(1000)).toBe(true);
  });

  it('keeps events through an outage of the store, says that it is down, and goes on in order', async () => {
    const clock = new ManualClock();
    const broken = breakable(memoryStore(clock));
    const { log } = await openLog({ store: broken.store, clock });
    const seen: number[] = [];
    log.onCommitted((events) => seen.push(...events.map((event) => event.sequence)));
    broken.away = true;
    for (let n = 0; n < 5; n += 1) expect(log.write([callEvent(`c${n}`)], [])).toBe(true);
    await turn();
    await turn();
    expect(log.health()).toMatchObject({ state: 'down', code: 'storage.unavailable', buffered: 5, losing: false });
    expect(seen).toEqual([]);
    broken.away = false;
    clock.advance(200);
    await settled(log);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(log.health()).toEqual({ state: 'up', buffered: 0, losing: false });
  });

  it('backs off between tries', async () => {
    const clock = new ManualClock();
    const broken = breakable(memoryStore(clock));
    const { log } = await openLog({ store: broken.store, clock, retryMinMs: 100, retryMaxMs: 1000 });
    broken.away = true;
    log.write([callEvent('a')], []);
    for (let n = 0; n < 200; n += 1) {
      clock.advance(50);
      await turn();
    }
    // Ten seconds at no less than half a second each, after the short first steps.
    expect(log.stats().failures).toBeGreaterThan(5);
    expect(log.stats().failures).toBeLessThan(25);
  });

  it('announces what an overflow lost, with the newest states, before anything that follows', async () => {
    const clock = new ManualClock();
    const broken = breakable(memoryStore(clock));
    const { log, store } = await openLog({ store: broken.store, clock, bufferMax: 4 });
    const seen: LogEvent[] = [];
    log.onCommitted((events) => seen.push(...events));
    broken.away = true;
    expect(log.write([callEvent('a')], [callState('a', { n: 1 })])).toBe(true);
    await turn();
    expect(log.write([callEvent('a'), callEvent('b')], [callState('a', { n: 2 })])).toBe(false);
    // There would be room for this one, but it must not come before the announcement.
    expect(log.write([callEvent('c')], [callState('c', { n: 3 })])).toBe(false);
    expect(log.health()).toMatchObject({ state: 'down', losing: true });
    broken.away = false;
    clock.advance(1000);
    await settled(log);
    await turn();
    await settled(log);
    expect(log.write([callEvent('d')], [])).toBe(true);
    await settled(log);
    expect(seen.map((event) => [event.sequence, event.type])).toEqual([
      [1, 'call.arrived.v1'],
      [2, 'stream.gap.v1'],
      [3, 'call.arrived.v1'],
    ]);
    expect(seen[1]?.cloudEvent.data).toEqual({ lost: 3, reason: 'bufferFull' });
    expect(log.lastGap).toBe(2);
    expect(log.stats().lost).toBe(3);
    expect(await store.states()).toEqual([
      { kind: 'call', id: 'a', version: 2, state: { n: 2 } },
      { kind: 'call', id: 'c', version: 2, state: { n: 3 } },
    ]);
  });

  it('announces at once a batch that never fits', async () => {
    const { log } = await openLog({ bufferMax: 2 });
    const types: string[] = [];
    log.onCommitted((events) => types.push(...events.map((event) => event.type)));
    expect(log.write([callEvent('a'), callEvent('b'), callEvent('c')], [])).toBe(false);
    while (types.length === 0) await turn();
    expect(types).toEqual(['stream.gap.v1']);
    expect(log.health().state).toBe('up');
  });

  it('a reader that fails stops neither the log nor other readers', async () => {
    const { log } = await openLog();
    const seen: number[] = [];
    log.onCommitted(() => {
      throw new Error('a defect');
    });
    log.onCommitted((events) => seen.push(...events.map((event) => event.sequence)));
    log.write([callEvent('a')], []);
    await settled(log);
    expect(seen).toEqual([1]);
  });

  it('loads the states as last committed', async () => {
    const { log } = await openLog();
    log.write([callEvent('a')], [callState('a', { n: 1 }), callState('b', { n: 1 })]);
    log.write([], [callState('b', null)]);
    while (log.health().buffered > 0) await turn();
    expect(await log.load()).toMatchObject([{ kind: 'call', id: 'a', state: { n: 1 } }]);
  });

  it('stops with everything written, or says what was left', async () => {
    const { log } = await openLog();
    log.write([callEvent('a')], []);
    expect(await log.stop(1000)).toBe(true);
    expect(log.lastCommitted).toBe(1);
    expect(log.write([callEvent('b')], [])).toBe(false);

    const clock = new ManualClock();
    const broken = breakable(memoryStore(clock));
    const late = await openLog({ store: broken.store, clock });
    broken.away = true;
    late.log.write([callEvent('a')], []);
    await turn();
    const stopped = late.log.stop(50);
    clock.advance(60);
    expect(await stopped).toBe(false);
  });

  it('takes nothing more, and loses nothing, when another instance has its place', async () => {
    const store = memoryStore();
    const { log } = await openLog({ store });
    store.commit = () => Promise.reject(new AppError(storageErrors.fenced));
    log.write([callEvent('a')], []);
    await expect.poll(() => log.health().code).toBe('storage.fenced');
    // What it would say now is the next owner's to tell: it is no loss, and no sign of a full buffer.
    expect(log.write([callEvent('b')], [])).toBe(true);
    expect(log.health().losing).toBe(false);
    expect(log.stats()).toMatchObject({ lost: 0, buffered: 1 });
    expect(await log.stop(1_000)).toBe(false);
  });

  it('removes old events in small steps and keeps the young', async () => {
    const clock = new ManualClock();
    const { log, store } = await openLog({
      clock,
      retention: { retentionMs: 10_000, everyMs: 1000, stepRows: 2, pauseMs: 10 },
    });
    const at = (atMs: number) => ({ ...callEvent('a'), atMs });
    const nowMs = clock.nowMs();
    log.write([at(nowMs - 20_000), at(nowMs - 19_000), at(nowMs - 18_000), at(nowMs)], []);
    await settled(log);
    for (let n = 0; n < 10; n += 1) {
      clock.advance(1000 / 5);
      for (let m = 0; m < 5; m += 1) await turn();
    }
    expect((await store.read(0, 10)).map((event) => event.sequence)).toEqual([4]);
    expect(log.stats().pruned).toBe(3);
  });

  it('says after an unclean end that something may be missing', async () => {
    const store = memoryStore();
    const first = await store.open();
    expect(first.unclean).toBe(false);
    // The store was opened and never closed: the next writer finds that mark.
    const { log } = await openLog({ store, clock: systemClock });
    await settled(log);
    expect(await store.read(0, 10)).toMatchObject([{ sequence: 1, type: 'stream.gap.v1' }]);
  });
});
