import { dayMs, type TimeZone } from './zone.ts';

/**
 * A stretch of a day by the clock on the wall, in milliseconds since midnight: open from `fromMs`, closed from `toMs` on.
 * When `toMs` is not after `fromMs` it runs across midnight to `toMs` of the next day. `toMs` may be 24:00.
 */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** `holiday`: closed or on holiday hours; `workday`: a weekend day that is worked (调休). */
export type SpecialDay = 'holiday' | 'workday';

/** Opening hours. Days are local days, counted from 1970-01-01; weekdays run from 0, Monday, to 6, Sunday. */
export interface Schedule {
  readonly id: string;
  readonly zone: TimeZone;
  /** Seven lists, Monday first. */
  readonly weekly: readonly (readonly Span[])[];
  /** Own rules for single days; they stand before holidays and the week. An empty list: closed. */
  readonly exceptions: ReadonlyMap<number, readonly Span[]>;
  /** Holidays and days worked instead; days that are not in it follow the week. */
  readonly specialDays: ReadonlyMap<number, SpecialDay>;
  /** Hours on holidays; empty for closed. */
  readonly holidayHours: readonly Span[];
  /** The weekday whose hours hold on a weekend day that is worked. */
  readonly workdayAs: number;
}

/** A change is looked for so far ahead; a schedule that does not change within it is taken as never changing. */
const horizonDays = 400;

/**
 * Whether a schedule is open at an instant (Unix milliseconds): by the clock on the wall, also when it is put forward or
 * back. A span belongs to the day on which it begins: a night shift goes on into a holiday.
 */
export function isOpen(schedule: Schedule, atMs: number): boolean {
  const localMs = atMs + schedule.zone.offsetMs(atMs);
  const day = Math.floor(localMs / dayMs);
  const timeMs = localMs - day * dayMs;
  return (
    spansOf(schedule, day).some(({ fromMs, toMs }) => timeMs >= fromMs && (toMs <= fromMs || timeMs < toMs)) ||
    spansOf(schedule, day - 1).some(({ fromMs, toMs }) => toMs <= fromMs && timeMs < toMs)
  );
}

/**
 * The next instant (Unix milliseconds) at which a schedule opens when it is closed, or closes when it is open. Undefined
 * when it does neither within 400 days.
 */
export function nextChange(schedule: Schedule, atMs: number): number | undefined {
  const { zone } = schedule;
  const before = isOpen(schedule, atMs);
  const today = localDay(zone, atMs);
  for (let day = today; day <= today + horizonDays; day += 1) {
    const change = turningPoints(schedule, day).find((at) => at > atMs && isOpen(schedule, at) !== before);
    if (change !== undefined) return change;
  }
  return undefined;
}

/** A schedule as those ask of it who need not know what it is made of. */
export const asHours = (schedule: Schedule) => ({
  isOpen: (atMs: number): boolean => isOpen(schedule, atMs),
  nextChangeMs: (atMs: number): number | undefined => nextChange(schedule, atMs),
});

/** The hours of a local day. */
export function spansOf(schedule: Schedule, day: number): readonly Span[] {
  const own = schedule.exceptions.get(day);
  if (own) return own;
  const special = schedule.specialDays.get(day);
  if (special === 'holiday') return schedule.holidayHours;
  return schedule.weekly[special === 'workday' ? schedule.workdayAs : weekdayOf(day)] ?? [];
}

/** 0 for Monday to 6 for Sunday; 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** The instants of a local day at which something may change, in order: ends of spans, and where the clock is moved. */
function turningPoints(schedule: Schedule, day: number): readonly number[] {
  const { zone } = schedule;
  const midnightMs = day * dayMs;
  // However far a zone is from UTC, its day lies between these two; no zone moves its clocks twice in so short a time.
  const [firstMs, lastMs] = [midnightMs - dayMs, midnightMs + 2 * dayMs];
  const offsets = new Set([zone.offsetMs(firstMs), zone.offsetMs(lastMs)]);
  const times = new Set([0]);
  for (const { fromMs, toMs } of spansOf(schedule, day)) times.add(fromMs).add(toMs > fromMs ? toMs : 0);
  for (const { fromMs, toMs } of spansOf(schedule, day - 1)) if (toMs <= fromMs) times.add(toMs);
  const points = [...times].flatMap((time) => [...offsets].map((offset) => midnightMs + time - offset));
  if (offsets.size > 1) points.push(moveOfTheClock(zone, firstMs, lastMs));
  return points.filter((at) => localDay(zone, at) === day).sort((a, b) => a - b);
}

const localDay = (zone: TimeZone, atMs: number): number => Math.floor((atMs + zone.offsetMs(atMs)) / dayMs);

/** The first instant of the new offset, when the offsets of the two instants differ. */
function moveOfTheClock(zone: TimeZone, fromMs: number, toMs: number): number {
  const first = zone.offsetMs(fromMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetMs(middle) === first) low = middle;
    else high = middle;
  }
  return high;
}
