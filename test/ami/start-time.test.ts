import { describe, expect, it } from 'vitest';
import { WireMessage } from '../../src/ami/message.ts';
import { isSameStart, readPbxStart } from '../../src/ami/start-time.ts';

const status = WireMessage.parse('Response: Success\r\nCoreStartupDate: 2026-11-22\r\nCoreStartupTime: 07:08:41\r\n');
const booted = (uptime: string) => {
  const event = WireMessage.parse(`Event: FullyBooted\r\nUptime: ${uptime}\r\n`);
  return event && { event, atMs: 1_000_000 };
};

describe('readPbxStart', () => {
  it('takes the moment from uptime and the identity from CoreStatus', () => {
    expect(readPbxStart(status, booted('26'))).toEqual({ startedAtMs: 974_000, stamp: '2026-11-22T07:08:41' });
  });

  it('does with one of the two, or none', () => {
    expect(readPbxStart(undefined, booted('26'))).toEqual({ startedAtMs: 974_000, stamp: undefined });
    const startedAtMs = new Date(2026, 10, 22, 7, 8, 41).getTime();
    expect(readPbxStart(status, undefined)).toEqual({ startedAtMs, stamp: '2026-11-22T07:08:41' });
    expect(readPbxStart(status, booted('soon'))).toEqual({ startedAtMs, stamp: '2026-11-22T07:08:41' });
    expect(readPbxStart(undefined, undefined)).toBeUndefined();
    expect(readPbxStart(undefined, booted('-5'))).toBeUndefined();
  });
});

describe('isSameStart', () => {
  it.each([
    [{ startedAtMs: 0, stamp: 'x' }, { startedAtMs: 9e9, stamp: 'x' }, true],
    [{ startedAtMs: 0, stamp: 'x' }, { startedAtMs: 0, stamp: 'y' }, false],
    [{ startedAtMs: 0, stamp: undefined }, { startedAtMs: 5_000, stamp: 'y' }, true],
    [{ startedAtMs: 0, stamp: undefined }, { startedAtMs: 5_001, stamp: undefined }, false],
  ])('%j and %j: %s', (a, b, same) => {
    expect(isSameStart(a, b)).toBe(same);
  });
});
