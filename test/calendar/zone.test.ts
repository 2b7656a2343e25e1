import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTimeZone, timeZone } from '../../src/calendar/index.ts';

/** What the runtime's own time zone data says. */
function asRuntimeSays(name: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(atMs);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute) - atMs;
}

const minuteMs = 60_000;
const names = ['UTC', 'Asia/Shanghai', 'Asia/Hong_Kong', 'Asia/Macau', 'Asia/Taipei', 'Asia/Singapore', 'Asia/Tokyo'];

describe('a time zone', () => {
  it.each([...names, 'Europe/Berlin', 'Australia/Lord_Howe'])('%s is ahead of UTC as the runtime says', (name) => {
    const zone = timeZone(name);
    const minutes = fc.integer({ min: Date.UTC(1985, 0) / minuteMs, max: Date.UTC(2060, 0) / minuteMs });
    fc.assert(
      fc.property(minutes, (at) => {
        expect(zone.offsetMs(at * minuteMs)).toBe(asRuntimeSays(name, at * minuteMs));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['Asia/Shanghai', true],
    ['Europe/Berlin', true],
    ['Asia/Peking', false],
    ['constructor', false],
    ['', false],
  ])('%s is one: %s', (name, expected) => {
    expect(isTimeZone(name)).toBe(expected);
  });
});
