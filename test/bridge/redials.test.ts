import { describe, expect, it } from 'vitest';
import { Redials } from '../../src/bridge/redials.ts';
import type { Call } from '../../src/call/index.ts';
import { callIn } from '../call/fixtures.ts';
import { t0 } from '../support/fake-clock.ts';

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
    const redials = new Redials();
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
    const redials = new Redials();
    redials.note(givenUp(part), window, t0);
    expect(
      redials.take(part && 'callerNumber' in part ? part.callerNumber : '13800000001', 'hotline', t0),
    ).toBeUndefined();
  });

  it('is one of ten thousand at most: the oldest is forgotten', () => {
    const redials = new Redials();
    for (let index = 0; index <= 10_000; index += 1) {
      redials.note(givenUp({ callerNumber: String(13_800_000_000 + index) }), window, t0 + index);
    }
    expect(redials.take('13800000000', 'hotline', t0 + 10_001)).toBeUndefined();
    expect(redials.take('13800000001', 'hotline', t0 + 10_001)).toBe(30_001);
  });

  it('nobody is remembered where the queue does not say so', () => {
    const redials = new Redials();
    redials.note(givenUp(), {}, t0);
    expect(redials.take('13800000001', 'hotline', t0)).toBeUndefined();
  });
});
