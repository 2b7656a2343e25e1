import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, isOpen, nextChange, type Schedule, type Span, timeZone } from '../../src/calendar/index.ts';

const hour = 3_600_000;
const day = 24 * hour;
const span = (from: number, to: number): Span => ({ fromMs: from * hour, toMs: to * hour });
const closedWeek = Array.from({ length: 7 }, (): Span[] => []);
const schedule = (zone: string, weekly: readonly (readonly Span[])[], part: Partial<Schedule> = {}): Schedule => ({
  id: 's',
  zone: timeZone(zone),
  weekly,
  exceptions: new Map(),
  specialDays: new Map(),
  holidayHours: [],
  workdayAs: 0,
  ...part,
});
const everyDay = (...spans: Span[]): Span[][] => closedWeek.map(() => spans);
const at = (text: string): number => Date.parse(text);
const on = (date: string): number => dayOf(date) ?? Number.NaN;
const says = (one: Schedule, text: string): string => (isOpen(one, at(text)) ? 'open' : 'closed');
const next = (one: Schedule, text: string): string | undefined => {
  const change = nextChange(one, at(text));
  return change === undefined ? undefined : new Date(change).toISOString().replace(':00.000Z', 'Z');
};

const office = schedule('Asia/Shanghai', [...closedWeek.slice(2).map(() => [span(9, 12), span(13, 18)]), [], []]);

describe('a week in Shanghai', () => {
  it.each([
    ['2026-11-23T08:59:59.999+08:00', 'closed', '2026-11-23T01:00Z'],
    ['2026-11-23T09:00:00+08:00', 'open', '2026-11-23T04:00Z'],
    ['2026-11-23T12:00:00+08:00', 'closed', '2026-11-23T05:00Z'],
    ['2026-11-27T17:59:59.999+08:00', 'open', '2026-11-27T10:00Z'],
    ['2026-11-27T18:00:00+08:00', 'closed', '2026-11-30T01:00Z'],
    ['2026-11-28T10:00:00+08:00', 'closed', '2026-11-30T01:00Z'],
    // Before 1970 and at its very beginning, a Thursday.
    ['1970-01-01T10:00:00+08:00', 'open', '1970-01-01T04:00Z'],
    ['1969-12-27T10:00:00+08:00', 'closed', '1969-12-29T01:00Z'],
  ])('%s: %s until %s', (text, expected, change) => {
    expect([says(office, text), next(office, text)]).toEqual([expected, change]);
  });

  it('always and never change never', () => {
    expect(next(schedule('UTC', closedWeek), '2026-01-01T00:00Z')).toBeUndefined();
    const always = schedule('UTC', everyDay(span(0, 24)));
    expect([says(always, '2026-01-01T00:00Z'), next(always, '2026-01-01T00:00Z')]).toEqual(['open', undefined]);
  });
});

describe('midnight', () => {
  const nights = schedule('Asia/Shanghai', [[], [], [], [], [span(22, 6)], [], []]);
  it.each([
    ['2026-11-27T21:59:59+08:00', 'closed', '2026-11-27T14:00Z'],
    ['2026-11-27T22:00:00+08:00', 'open', '2026-11-27T22:00Z'],
    ['2026-11-28T00:00:00+08:00', 'open', '2026-11-27T22:00Z'],
    ['2026-11-28T05:59:59+08:00', 'open', '2026-11-27T22:00Z'],
    ['2026-11-28T06:00:00+08:00', 'closed', '2026-12-04T14:00Z'],
  ])('Friday night: %s: %s until %s', (text, expected, change) => {
    expect([says(nights, text), next(nights, text)]).toEqual([expected, change]);
  });

  it('a night shift goes on into a closed day, and none begins on it', () => {
    const closed = { exceptions: new Map([[on('2026-11-28'), []]]) };
    const shifts = schedule('Asia/Shanghai', everyDay(span(22, 6)), closed);
    expect(says(shifts, '2026-11-28T03:00:00+08:00')).toBe('open');
    expect(says(shifts, '2026-11-28T23:00:00+08:00')).toBe('closed');
    expect(says(shifts, '2026-11-29T03:00:00+08:00')).toBe('closed');
  });

  it('two days that meet at midnight are one stretch', () => {
    const days = schedule('UTC', [[span(8, 24)], [span(0, 10)], [], [], [], [], []]);
    expect(next(days, '2026-11-23T09:00Z')).toBe('2026-11-24T10:00Z');
  });
});

describe('the clock is moved', () => {
  const berlin = schedule('Europe/Berlin', everyDay(span(2.5, 9)));
  const york = schedule('America/New_York', everyDay(span(1.5, 9)));
  it.each([
    [
      'forward in Berlin: 02:30 does not exist, it opens when the clock jumps',
      berlin,
      '2026-03-29T00:59:59Z',
      '2026-03-29T01:00Z',
    ],
    ['and closes at nine by the new clock', berlin, '2026-03-29T01:00:00Z', '2026-03-29T07:00Z'],
    ['back in Berlin: 02:30 comes for the first time', berlin, '2026-10-25T00:00:00Z', '2026-10-25T00:30Z'],
    ['the clock jumps back before the opening', berlin, '2026-10-25T00:30:00Z', '2026-10-25T01:00Z'],
    ['and it opens again', berlin, '2026-10-25T01:00:00Z', '2026-10-25T01:30Z'],
    ['forward in New York', york, '2026-03-08T06:30:00Z', '2026-03-08T13:00Z'],
    ['back in New York: 01:30 comes twice', york, '2026-11-01T05:30:00Z', '2026-11-01T06:00Z'],
    ['the second time', york, '2026-11-01T06:00:00Z', '2026-11-01T06:30Z'],
    ['nine by the new clock', york, '2026-11-01T06:30:00Z', '2026-11-01T14:00Z'],
  ])('%s', (_name, one, text, change) => {
    expect(next(one, text)).toBe(change);
  });

  it('a night shift has an hour less in spring and one more in autumn', () => {
    const shift = schedule('Europe/Berlin', everyDay(span(22, 6)));
    const lengthFrom = (text: string): number => ((nextChange(shift, at(text)) ?? 0) - at(text)) / hour;
    expect(['2026-03-28T21:00Z', '2026-10-24T20:00Z', '2026-06-01T20:00Z'].map(lengthFrom)).toEqual([7, 9, 8]);
  });

  it('moves of half an hour and zones far from UTC', () => {
    const lord = schedule('Australia/Lord_Howe', everyDay(span(9, 17)));
    expect(next(lord, '2026-04-04T22:00Z')).toBe('2026-04-04T22:30Z');
    const line = schedule('Pacific/Kiritimati', everyDay(span(0, 1)));
    expect(next(line, '2026-06-01T09:00Z')).toBe('2026-06-01T10:00Z');
  });
});

describe('special days', () => {
  const specialDays = new Map([
    ...['2026-10-01', '2026-10-02', '2026-10-05'].map((date) => [on(date), 'holiday'] as const),
    [on('2026-10-10'), 'workday'] as const,
  ]);
  const shop = { ...office, specialDays };
  it.each([
    ['a holiday', shop, '2026-10-01T10:00:00+08:00', 'closed'],
    ['a Saturday that is worked', shop, '2026-10-10T10:00:00+08:00', 'open'],
    ['an ordinary Saturday', shop, '2026-10-17T10:00:00+08:00', 'closed'],
    ['holiday hours', { ...shop, holidayHours: [span(10, 11)] }, '2026-10-01T10:00:00+08:00', 'open'],
    ['outside of them', { ...shop, holidayHours: [span(10, 11)] }, '2026-10-01T11:00:00+08:00', 'closed'],
    ['a worked Saturday as a Sunday', { ...shop, workdayAs: 6 }, '2026-10-10T10:00:00+08:00', 'closed'],
    [
      'an exception before a holiday',
      { ...shop, exceptions: new Map([[on('2026-10-01'), [span(9, 12)]]]) },
      '2026-10-01T10:00:00+08:00',
      'open',
    ],
    [
      'an exception before a worked Saturday',
      { ...shop, exceptions: new Map([[on('2026-10-10'), []]]) },
      '2026-10-10T10:00:00+08:00',
      'closed',
    ],
    ['a leap day', { ...office, exceptions: new Map([[on('2028-02-29'), []]]) }, '2028-02-29T10:00:00+08:00', 'closed'],
    [
      'the day after it',
      { ...office, exceptions: new Map([[on('2028-02-29'), []]]) },
      '2028-03-01T10:00:00+08:00',
      'open',
    ],
  ])('%s', (_name, one, text, expected) => {
    expect(says(one, text)).toBe(expected);
  });

  it('days of the calendar', () => {
    expect(['1970-01-01', '2028-02-29', '2000-02-29'].map(dayOf)).toEqual([0, 21_243, 11_016]);
    expect(['2026-02-29', '2026-13-01', '2026-1-1', 'x', '2026-00-10'].map(dayOf)).toEqual(Array(5).fill(undefined));
  });
});

const seed = 20_260_301;
const quarter = hour / 4;
const quarters = fc.integer({ min: 0, max: 95 }).map((count) => count * quarter);
const spans = fc.array(
  fc
    .record({ fromMs: quarters, toMs: fc.oneof(quarters, fc.constant(day)) })
    .filter(({ fromMs, toMs }) => fromMs !== toMs),
  { maxLength: 3 },
);
const zone = fc
  .constantFrom(
    'Asia/Shanghai',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Africa/Casablanca',
  )
  .map(timeZone);
// From a few days before the clocks are moved, in both halves of the year.
const start = fc
  .constantFrom(
    '2026-03-07T00:00Z',
    '2026-03-28T00:00Z',
    '2026-04-04T00:00Z',
    '2026-10-03T00:00Z',
    '2026-10-24T00:00Z',
    '2026-10-31T00:00Z',
  )
  .map(at);
const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  id: fc.constant('s'),
  zone,
  weekly: fc.array(spans, { minLength: 7, maxLength: 7 }),
  exceptions: fc
    .dictionary(fc.constantFrom('2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01'), spans)
    .map((by) => new Map(Object.entries(by).map(([date, list]) => [on(date), list] as const))),
  specialDays: fc.constant(
    new Map([
      [on('2026-03-29'), 'workday'],
      [on('2026-10-04'), 'holiday'],
    ] as const),
  ),
  holidayHours: spans,
  workdayAs: fc.integer({ min: 0, max: 6 }),
});

it(`is open by the clock on the wall, and changes when and only when nextChange says (seed ${seed})`, () => {
  fc.assert(
    fc.property(anySchedule, start, fc.integer({ min: 0, max: 2 * 96 }), (one, fromMs, offset) => {
      let atMs = fromMs + offset * quarter;
      for (let step = 0; step < 4; step += 1) {
        const change = nextChange(one, atMs);
        const untilMs = Math.min(change ?? Number.POSITIVE_INFINITY, atMs + 3 * day);
        for (let look = atMs; look < untilMs; look += quarter) expect(isOpen(one, look)).toBe(isOpen(one, atMs));
        if (change === undefined || change > atMs + 3 * day) return;
        expect(isOpen(one, change)).not.toBe(isOpen(one, change - 1));
        expect(isOpen(one, change - 1)).toBe(isOpen(one, atMs));
        atMs = change;
      }
    }),
    { seed, numRuns: 300 },
  );
});
