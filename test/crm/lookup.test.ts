import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { crmError } from '../../src/crm/errors.ts';
import type { AdapterAnswer } from '../../src/crm/index.ts';
import { MemoryHub } from './support/memory-shared-cache.ts';
import { ask, customer, FakeCrm, hit, later, rig, timersClock } from './support/rig.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const turn = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const dead = () => Promise.reject(crmError('unreachable'));
const minutes = 60_000;

describe('a lookup', () => {
  it('asks the CRM once and answers a warm number synchronously', async () => {
    const crm = new FakeCrm();
    const lookup = await rig({ adapter: crm });
    const cold = ask(lookup);
    await turn(0);
    expect(cold.settled).toMatchObject([{ status: 'fresh', customer: { id: '1' }, source: 'crm:fake' }]);
    const warm = ask(lookup);
    expect(warm.settled).toEqual(cold.settled);
    expect(crm.queries).toHaveLength(1);
  });

  it.each(['', 'anonymous', 'sip:restricted@host'])('settles %j without asking anybody', async (number) => {
    const crm = new FakeCrm();
    const lookup = await rig({ adapter: crm });
    expect(ask(lookup, number).settled).toEqual([{ status: 'none', source: 'nobody' }]);
    expect(crm.queries).toHaveLength(0);
  });

  it('is pending at the deadline and tells the answer late, once, from the same fetch', async () => {
    const crm = new FakeCrm(() => later(1_000, hit('1')));
    const lookup = await rig({ adapter: crm });
    const first = ask(lookup);
    await turn(299);
    expect(first.settled).toEqual([]);
    await turn(1);
    expect(first.settled).toEqual([{ status: 'pending', source: 'crm:fake' }]);
    const second = ask(lookup, '13900000001', 'c2');
    await turn(700);
    expect(first.late).toMatchObject([{ status: 'fresh', customer: { id: '1' } }]);
    expect(second.late).toHaveLength(1);
    expect(crm.queries).toHaveLength(1);
    expect(ask(lookup).settled).toMatchObject([{ status: 'fresh' }]);
  });

  it('tells a card that says pending when the CRM fails at last', async () => {
    const lookup = await rig({ adapter: new FakeCrm(() => new Promise(() => undefined)) });
    const heard = ask(lookup);
    await turn(2_500);
    expect(heard.settled).toMatchObject([{ status: 'pending' }]);
    expect(heard.late).toEqual([{ status: 'error', source: 'crm:fake', code: 'crm.timeout' }]);
  });

  it('aborts a CRM that takes longer than its own timeout', async () => {
    const crm = new FakeCrm(() => new Promise(() => undefined));
    const lookup = await rig({ adapter: crm, limits: { crmTimeoutMs: 1_000 } });
    ask(lookup);
    await turn(999);
    expect(crm.signals[0]?.aborted).toBe(false);
    await turn(1);
    expect(crm.signals[0]?.aborted).toBe(true);
  });

  it('keeps a dead error for its lifetime and no longer', async () => {
    const crm = new FakeCrm(dead);
    const lookup = await rig({ adapter: crm });
    const first = ask(lookup);
    await turn(0);
    expect(first.settled).toEqual([{ status: 'error', source: 'crm:fake', code: 'crm.unreachable' }]);
    expect(ask(lookup).settled).toHaveLength(1);
    await turn(7_500);
    ask(lookup);
    await turn(0);
    expect(crm.queries).toHaveLength(2);
  });

  it.each([
    ['none', { kind: 'none' }, 90_000],
    ['ambiguous', { kind: 'ambiguous', candidates: [{ id: '1', name: 'a' }] }, 60_000],
  ] as const)('keeps %s for its lifetime', async (status, answer: AdapterAnswer, lifetimeMs) => {
    const crm = new FakeCrm(() => Promise.resolve(answer));
    const lookup = await rig({ adapter: crm });
    ask(lookup);
    await turn(lifetimeMs - 1);
    expect(ask(lookup).settled).toMatchObject([{ status }]);
    expect(crm.queries).toHaveLength(1);
    await turn(1);
    ask(lookup);
    await turn(0);
    expect(crm.queries).toHaveLength(2);
  });

  it('never tells a CRM about our own extensions', async () => {
    const crm = new FakeCrm();
    const lookup = await rig({ adapter: crm, known: { '8001': customer('desk') } });
    expect(ask(lookup, '8001').settled).toMatchObject([{ status: 'fresh', source: 'directory' }]);
    expect(ask(lookup, '8002').settled).toEqual([{ status: 'none', source: 'nobody' }]);
    expect(crm.queries).toHaveLength(0);
  });
});

describe('stale data', () => {
  it('is given at once and refreshed behind the back; news come late', async () => {
    const crm = new FakeCrm();
    const lookup = await rig({ adapter: crm });
    ask(lookup);
    await turn(10 * minutes);
    crm.answer = () => later(50, hit('2'));
    const heard = ask(lookup);
    expect(heard.settled).toMatchObject([{ status: 'stale', customer: { id: '1' } }]);
    await turn(50);
    expect(heard.late).toMatchObject([{ status: 'fresh', customer: { id: '2' } }]);
  });

  it('is refreshed in silence when nothing changed', async () => {
    const crm = new FakeCrm();
    const lookup = await rig({ adapter: crm });
    ask(lookup);
    await turn(11 * minutes);
    const heard = ask(lookup);
    await turn(100);
    expect(crm.queries).toHaveLength(2);
    expect(heard.late).toEqual([]);
    expect(ask(lookup).settled).toMatchObject([{ status: 'fresh' }]);
  });

  it('outlives a CRM that fails to refresh it', async () => {
    const crm = new FakeCrm();
    const lookup = await rig({ adapter: crm });
    ask(lookup);
    await turn(11 * minutes);
    crm.answer = dead;
    for (let call = 0; call < 20; call += 1) {
      const heard = ask(lookup);
      expect(heard.settled).toMatchObject([{ status: 'stale', customer: { id: '1' } }]);
      await turn(1_000);
      expect(heard.late).toEqual([]);
    }
  });
});

describe('a dead CRM', () => {
  it('opens the breaker, then answers at once, and closes after a good probe', async () => {
    const crm = new FakeCrm(dead);
    const lookup = await rig({ adapter: crm, known: { '13900000077': customer('vip', { vip: true }) } });
    for (let caller = 0; caller < 5; caller += 1) ask(lookup, `1390000000${caller}`);
    await turn(0);
    expect(lookup.health().breaker).toBe('open');
    const asked = crm.queries.length;
    const unknown = ask(lookup, '13900000099');
    const vip = ask(lookup, '13900000077');
    await turn(0);
    expect(unknown).toMatchObject({ settled: [{ status: 'error', code: 'crm.unavailable' }], settledAtMs: [0] });
    expect(vip).toMatchObject({
      settled: [{ status: 'stale', source: 'directory', customer: { vip: true } }],
      settledAtMs: [0],
    });
    expect(crm.queries).toHaveLength(asked);
    await turn(10_000);
    crm.answer = () => later(100, hit('9'));
    const probe = ask(lookup, '13900000099');
    await turn(0);
    expect(probe.settled).toMatchObject([{ status: 'error' }]);
    const meanwhile = ask(lookup, '13900000098');
    await turn(0);
    expect(meanwhile.settledAtMs).toEqual([0]);
    await turn(100);
    expect(probe.late).toMatchObject([{ status: 'fresh', customer: { id: '9' } }]);
    expect(lookup.health().breaker).toBe('closed');
    expect(lookup.stats().breakerOpened).toBe(1);
  });

  it('leaves VIPs and the blacklist to the directory at the deadline', async () => {
    const lookup = await rig({
      adapter: new FakeCrm(() => new Promise(() => undefined)),
      known: { '13900000001': customer('v', { vip: true }), '13900000002': customer('b', { blacklisted: true }) },
    });
    const vip = ask(lookup);
    const banned = ask(lookup, '13900000002');
    await turn(300);
    expect(vip.settled).toMatchObject([{ status: 'stale', source: 'directory', customer: { vip: true } }]);
    expect(banned.settled).toMatchObject([{ status: 'stale', source: 'directory', customer: { blacklisted: true } }]);
  });

  it('is not asked by more callers at once than the bulkhead lets through', async () => {
    const crm = new FakeCrm(() => later(1_000, hit('1')));
    const lookup = await rig({ adapter: crm, limits: { concurrentMax: 2, queuedMax: 1 } });
    const heard = [1, 2, 3, 4].map((caller) => ask(lookup, `1390000000${caller}`));
    await turn(0);
    expect(crm.queries).toHaveLength(2);
    expect(heard[3]?.settled).toMatchObject([{ status: 'error', code: 'crm.busy' }]);
    await turn(1_000);
    expect(crm.queries).toHaveLength(3);
  });
});

describe("the directory's marks", () => {
  it("hold beside the CRM's word", async () => {
    const lookup = await rig({
      adapter: new FakeCrm(),
      known: { '13900000001': customer('d', { blacklisted: true }) },
    });
    const heard = ask(lookup);
    await turn(0);
    expect(heard.settled).toMatchObject([{ source: 'crm:fake', customer: { id: '1', blacklisted: true, vip: false } }]);
  });

  it('speak when the CRM knows nobody', async () => {
    const none = new FakeCrm(() => Promise.resolve({ kind: 'none' }));
    const lookup = await rig({ adapter: none, known: { '13900000001': customer('d') } });
    const heard = ask(lookup);
    await turn(0);
    expect(heard.settled).toMatchObject([{ status: 'fresh', source: 'directory', customer: { id: 'd' } }]);
  });
});

describe('two instances', () => {
  it('ask the CRM once for one number', async () => {
    const hub = new MemoryHub(timersClock);
    const crm = new FakeCrm(() => later(100, hit('1')));
    const lookups = await Promise.all([hub, hub].map((one) => rig({ adapter: crm, shared: one.instance() })));
    const heard = lookups.flatMap((lookup) => Array.from({ length: 50 }, () => ask(lookup)));
    await turn(100);
    expect(heard.every(({ settled }) => settled.length === 1 && settled[0]?.status === 'fresh')).toBe(true);
    expect(crm.queries).toHaveLength(1);
  });

  it('go on after the lease when the one that fetched has died', async () => {
    const hub = new MemoryHub(timersClock);
    const deadShared = hub.instance();
    const dying = await rig({ adapter: new FakeCrm(() => new Promise(() => undefined)), shared: deadShared });
    ask(dying);
    await turn(0);
    // From here on the first instance says nothing more: its lease is all that is left of it.
    deadShared.isDown = true;
    const crm = new FakeCrm();
    const survivor = await rig({ adapter: crm, shared: hub.instance() });
    const heard = ask(survivor);
    await turn(3_499);
    expect(heard.settled).toMatchObject([{ status: 'pending' }]);
    expect(crm.queries).toHaveLength(0);
    await turn(1);
    expect(crm.queries).toHaveLength(1);
    expect(heard.late).toMatchObject([{ status: 'fresh' }]);
  });

  it('share what one of them fetched', async () => {
    const hub = new MemoryHub(timersClock);
    const crm = new FakeCrm();
    const [first, second] = await Promise.all([hub, hub].map((one) => rig({ adapter: crm, shared: one.instance() })));
    if (!first || !second) throw new Error('two are needed');
    ask(first);
    await turn(0);
    const heard = ask(second);
    await turn(0);
    expect(heard.settled).toMatchObject([{ status: 'fresh' }]);
    expect(second.stats()).toMatchObject({ sharedHits: 1, fetches: 0 });
  });

  it('go on alone while the shared cache is away, and say so', async () => {
    const hub = new MemoryHub(timersClock);
    const shared = hub.instance();
    shared.isDown = true;
    const crm = new FakeCrm();
    const lookup = await rig({ adapter: crm, shared });
    const heard = ask(lookup);
    await turn(0);
    expect(heard.settled).toMatchObject([{ status: 'fresh' }]);
    expect(lookup.health().redis).toBe('down');
    expect(ask(lookup).settled).toHaveLength(1);
    expect(crm.queries).toHaveLength(1);
  });
});

describe("the CRM's word that something changed", () => {
  it('purges "nobody has this number" on all instances and asks anew', async () => {
    const hub = new MemoryHub(timersClock);
    const crm = new FakeCrm(() => Promise.resolve({ kind: 'none' }));
    const [first, second] = await Promise.all([hub, hub].map((one) => rig({ adapter: crm, shared: one.instance() })));
    if (!first || !second) throw new Error('two are needed');
    ask(first);
    await turn(0);
    ask(second);
    await turn(0);
    crm.answer = () => Promise.resolve(hit('new', 2_000));
    expect(await first.invalidate('t', '+8613900000001', 2_000)).toBe('refreshing');
    await turn(0);
    for (const lookup of [first, second]) {
      const heard = ask(lookup);
      await turn(0);
      expect(heard.settled).toMatchObject([{ status: 'fresh', customer: { id: 'new' } }]);
    }
    expect(crm.queries).toHaveLength(2);
  });

  it('is ignored when we hold something as new', async () => {
    const crm = new FakeCrm(() => Promise.resolve(hit('1', 5_000)));
    const lookup = await rig({ adapter: crm });
    ask(lookup);
    await turn(0);
    expect(await lookup.invalidate('t', '13900000001', 5_000)).toBe('current');
    expect(await lookup.invalidate('t', '13900000001', 5_001)).toBe('refreshing');
    expect(await lookup.invalidate('t', 'anonymous', 5_001)).toBe('ignored');
  });

  it('keeps a fetch that began before it out of the caches', async () => {
    const hub = new MemoryHub(timersClock);
    const crm = new FakeCrm(() => later(200, hit('old', 1_000)));
    const lookup = await rig({ adapter: crm, shared: hub.instance() });
    const caller = ask(lookup);
    await turn(100);
    crm.answer = () => later(200, hit('new', 2_000));
    await lookup.invalidate('t', '13900000001', 2_000);
    await turn(100);
    expect(caller.settled).toMatchObject([{ status: 'fresh', customer: { id: 'old' } }]);
    expect([...hub.entries.values()]).toEqual([]);
    await turn(200);
    expect(ask(lookup).settled).toMatchObject([{ status: 'fresh', customer: { id: 'new' } }]);
    expect([...hub.entries.values()]).toMatchObject([{ entry: { data: { id: 'new' } } }]);
  });
});

describe('whatever the CRM does', () => {
  const answer = fc.record({
    delayMs: fc.integer({ min: 0, max: 4_000 }),
    kind: fc.constantFrom('hit', 'none', 'ambiguous', 'error', 'never'),
  });
  const step = fc.record({
    caller: fc.integer({ min: 0, max: 3 }),
    waitMs: fc.integer({ min: 0, max: 20_000 }),
    answer,
    redis: fc.boolean(),
  });

  it('each caller is settled exactly once, by the deadline, and told late at most once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const hub = new MemoryHub(timersClock);
        const shared = hub.instance();
        const crm = new FakeCrm();
        const lookup = await rig({ adapter: crm, shared });
        const heard = [];
        for (const { caller, waitMs, answer: next, redis } of steps) {
          shared.isDown = !redis;
          crm.answer = () => {
            if (next.kind === 'never') return new Promise(() => undefined);
            if (next.kind === 'error') return later(next.delayMs, 0).then(dead);
            if (next.kind === 'hit') return later(next.delayMs, hit(String(next.delayMs)));
            return later(next.delayMs, next.kind === 'none' ? { kind: 'none' } : { kind: 'ambiguous', candidates: [] });
          };
          heard.push(ask(lookup, `1390000000${caller}`));
          await turn(waitMs);
        }
        await turn(20_000);
        for (const { settled, settledAtMs, late } of heard) {
          expect(settled).toHaveLength(1);
          expect(settledAtMs[0]).toBeLessThanOrEqual(300);
          expect(late.length).toBeLessThanOrEqual(1);
        }
        await lookup.stop();
      }),
      { seed: 20_260_101, numRuns: 60 },
    );
  });
});
