import { dayOf, isTimeZone, type Schedule, type Span, timeZone, yearOf } from '../src/calendar/index.ts';
import { type Static, Type } from '../src/schema/index.ts';
import { chinaDays, chinaYears } from './holidays.ts';
import { formed, id } from './kinds.ts';
import type { Problems } from './problems.ts';

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const weekdayPattern = `(${weekdays.join('|')})`;

const hours = (description: string) =>
  Type.Array(
    formed(
      /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
      'hours such as 09:00-18:00, or 22:00-06:00 across midnight',
      'hours',
    ),
    { description, maxItems: 20 },
  );

const hoursBy = (pattern: string, form: string, description: string) =>
  Type.Record(Type.String({ pattern }), hours('hours; an empty list for closed'), { description, 'x-form': form });

/** Opening hours, for numbers and for calls out. */
export const ScheduleSection = Type.Object({
  id: id('name of this schedule'),
  timeZone: formed(/^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/, 'a name such as Asia/Shanghai', 'time zone of the hours'),
  weekly: hoursBy(
    `^${weekdayPattern}(-${weekdayPattern})?$`,
    'a weekday or a range of them, such as sat or mon-fri',
    'weekdays and their hours, such as mon-fri: [09:00-18:00]; a weekday that is not named is closed',
  ),
  holidays: Type.Enum(['none', 'china'], {
    default: 'none',
    description: 'public holidays; china: with the weekend days that are worked instead',
  }),
  holidayHours: hours('hours on public holidays; empty for closed'),
  adjustedWorkdaysAs: Type.Enum([...weekdays], {
    default: 'mon',
    description: 'the weekday whose hours hold on a weekend day that is worked',
  }),
  exceptions: hoursBy(
    '^\\d{4}-\\d{2}-\\d{2}$',
    'a date such as 2026-12-31',
    'dates and their hours, before holidays and weekdays; an empty list for closed',
  ),
});

type ScheduleData = Static<typeof ScheduleSection>;

export function checkSchedules(schedules: readonly ScheduleData[], problems: Problems): void {
  schedules.forEach(({ timeZone: zone, exceptions, ...schedule }, index) => {
    const key = `schedules[${index}]`;
    if (!isTimeZone(zone)) {
      const mend = 'Write a name of the IANA list, such as Asia/Shanghai or Europe/Berlin.';
      problems.report('bad_form', `${key}.timeZone`, `there is no time zone "${zone}"`, mend);
    }
    const lists: (readonly [string, readonly string[]])[] = [
      ...Object.entries(schedule.weekly).map(([day, list]) => [`${key}.weekly.${day}`, list] as const),
      ...Object.entries(exceptions).map(([date, list]) => [`${key}.exceptions.${date}`, list] as const),
      [`${key}.holidayHours`, schedule.holidayHours],
    ];
    for (const [at, list] of lists) checkHours(list, at, problems);
    for (const date of Object.keys(exceptions)) {
      if (dayOf(date) !== undefined) continue;
      const mend = 'Write year, month and day: 2026-12-31.';
      problems.report('bad_form', `${key}.exceptions.${date}`, `"${date}" is no day of the calendar`, mend);
    }
  });
}

function checkHours(list: readonly string[], key: string, problems: Problems): void {
  list.forEach((hours, index) => {
    const [from, to] = hours.split('-');
    if (from !== to) return;
    const mend = 'For the whole day write 00:00-24:00; for closed leave the list empty.';
    problems.report('contradiction', `${key}[${index}]`, `${hours} begins when it ends`, mend);
  });
}

/** Puts a checked section into the calendar's own form. */
export function toSchedule(data: ScheduleData): Schedule {
  const weekly = weekdays.map((): Span[] => []);
  for (const [range, list] of Object.entries(data.weekly)) {
    for (const weekday of weekdaysOf(range)) weekly[weekday]?.push(...list.map(toSpan));
  }
  const exceptions = Object.entries(data.exceptions).map(
    ([date, list]) => [dayOf(date) ?? 0, list.map(toSpan)] as const,
  );
  return {
    id: data.id,
    zone: timeZone(data.timeZone),
    weekly,
    exceptions: new Map(exceptions),
    specialDays: data.holidays === 'china' ? chinaDays() : new Map(),
    holidayHours: data.holidayHours.map(toSpan),
    workdayAs: weekdays.indexOf(data.adjustedWorkdaysAs),
  };
}

/** `mon-fri` → 0 to 4; `sat-mon` → 5, 6, 0. */
function weekdaysOf(range: string): readonly number[] {
  const [first = 0, last = first] = range.split('-').map((name) => weekdays.indexOf(name as (typeof weekdays)[number]));
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, step) => (first + step) % 7);
}

function toSpan(text: string): Span {
  const [fromMs = 0, toMs = 0] = text.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return (hour * 60 + minute) * 60_000;
  });
  return { fromMs, toMs };
}

/** The next year's holidays are published in November; a year begins soon enough to be told before. */
const aheadMs = 31 * 86_400_000;

/**
 * What of the schedules will not do what the operator may expect, in sentences: a year whose public holidays are not
 * known. Its days then follow the weekly hours, so that nobody finds a line closed by a guess.
 */
export function scheduleWarnings(schedules: readonly Schedule[], nowMs: number): readonly string[] {
  return schedules
    .filter(({ specialDays }) => specialDays.size > 0)
    .flatMap(({ id: name, zone }) => {
      const years = new Set([yearOf(zone, nowMs), yearOf(zone, nowMs + aheadMs)]);
      const unknown = [...years].filter((year) => !chinaYears().has(year));
      return unknown.map(
        (year) =>
          `schedules ${name}: the Chinese holidays of ${year} are not in this version (it knows ${textOf(chinaYears())}); ` +
          'weekly hours hold on all its days. Update Ringmaster, or write the days under exceptions.',
      );
    });
}

const textOf = (years: ReadonlySet<number>): string => `${Math.min(...years)} to ${Math.max(...years)}`;
