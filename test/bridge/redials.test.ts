import { describe, expect, it } from 'vitest';
import { Redials } from '../../src/bridge/redials.ts';
import type { Call } from '../../src/call/index.ts';
import { callIn } from '../call/fixtures.ts';
import { queue } from '../routing/fixtures.ts';
import { settle, t0 } from '../support/fake-clock.ts';
import { FakeJournal } from './fake-neighbours.ts';
import { House } from './house.ts';

const keyOf = (number: string): string => `k${number}`;
const remembering = (journal = new FakeJournal()): Redials => new Redials(keyOf, journal);

const window = { resumeWindowMs: 60_000 };
const givenUp = (part: Partial<Call> = {}): Call => ({
  ...callIn('ended'),
  callerNumber: '13800000001',
  queueId: 'sales',
  queuedAtMs: t0 - 30_000,
  endReason: 'abandoned',
  ...part,
});

describe('who gave up and calls again', () => {
  it('gets the age back, once, at the same number and within the time', () => {
    const redials = remembering();
    redials.note(givenUp(), window, t0);
    expect(redials.take('13800000001', 'other', t0 + 1)).toBeUndefined();
    expect(redials.take('13800000002', 'hotline', t0 + 1)).toBeUndefined();
    expect(redials.take('13800000001', 'hotline', t0 + 59_999)).toBe(30_000);
    expect(redials.take('13800000001', 'hotline', t0 + 59_999)).toBeUndefined();
    redials.note(givenUp(), window, t0);
    expect(redials.take('13800000001', 'hotline', t0 + 60_000)).toBeUndefined();
  });

  it.each([
    ['was served', { endReason: 'completed' }],
    ['will be called back', { endReason: 'callback' }],
    ['never waited', { queuedAtMs: undefined }],
    ['has no number', { callerNumber: 'anonymous' }],
    ['was called by us', { direction: 'outbound' }],
  ] as const)('who %s gets nothing', (_name, part) => {
    const redials = remembering();
    redials.note(givenUp(part), window, t0);
    expect(
      redials.take(part && 'callerNumber' in part ? part.callerNumber : '13800000001', 'hotline', t0),
    ).toBeUndefined();
  });

  it('is one of ten thousand at most: the oldest is forgotten', () => {
    const redials = remembering();
    for (let index = 0; index <= 10_000; index += 1) {
      redials.note(givenUp({ callerNumber: String(13_800_000_000 + index) }), window, t0 + index);
    }
    expect(redials.take('13800000000', 'hotline', t0 + 10_001)).toBeUndefined();
    expect(redials.take('13800000001', 'hotline', t0 + 10_001)).toBe(30_001);
  });

  it('nobody is remembered where the queue does not say so', () => {
    const redials = remembering();
    redials.note(givenUp(), {}, t0);
    expect(redials.take('13800000001', 'hotline', t0)).toBeUndefined();
  });
});

describe('the age of who gave up, over a restart', () => {
  it('is given back by the next life of the server, and once', async () => {
    const queues = [{ ...queue('sales'), resumeWindowMs: 60_000 }];
    const house = await House.open({ queues }, []);
    const waiting = async (legId: string) => {
      house.pbx.arrive(legId);
      await settle();
      return house.calls.find(({ callerLegId }) => callerLegId === legId);
    };
    await waiting('caller-1');
    await house.clock.advance(20_000);
    house.pbx.hangUp('caller-1');
    await house.clock.advance(10_000);
    await house.restart();
    expect(await waiting('caller-2')).toMatchObject({ resumedMs: 20_000 });
    await house.restart();
    expect(await waiting('caller-3')).not.toHaveProperty('resumedMs');
    house.assertSound();
  });

  it('is kept under a key that is not the number, and given up when used or over', async () => {
    const journal = new FakeJournal();
    const redials = remembering(journal);
    for (const number of ['13800000001', '13800000002']) redials.note(givenUp({ callerNumber: number }), window, t0);
    expect(journal.state('redial', 'hotline k13800000001')).toEqual({ ageMs: 30_000, untilMs: t0 + 60_000 });
    redials.take('13800000001', 'hotline', t0 + 1);
    expect(journal.state('redial', 'hotline k13800000001')).toBeUndefined();
    const next = remembering(journal);
    next.restore(await journal.load(), t0 + 60_000);
    expect(journal.state('redial', 'hotline k13800000002')).toBeUndefined();
    expect(next.take('13800000002', 'hotline', t0 + 2)).toBeUndefined();
  });

  it('writes nothing down for a caller who is not remembered', () => {
    const writes: unknown[] = [];
    const redials = new Redials(keyOf, { write: (...written) => writes.push(written) > 0 });
    redials.note(givenUp(), {}, t0);
    redials.take('13800000001', 'hotline', t0);
    redials.note(givenUp(), window, t0);
    redials.take('13800000002', 'hotline', t0);
    expect(writes).toHaveLength(1);
  });
});
