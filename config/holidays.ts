import { createRequire } from 'node:module';
import { dayOf, type SpecialDay } from '../src/calendar/index.ts';

interface Published {
  readonly holidays: Readonly<Record<string, string>>;
  /** Weekend days that are worked (调休). */
  readonly workdays: Readonly<Record<string, string>>;
}

let days: ReadonlyMap<number, SpecialDay> | undefined;
let years: ReadonlySet<number> | undefined;

/**
 * Public holidays of China and the weekend days worked instead, as the State Council published them. Read from the
 * data of the package `chinese-days` when a schedule first asks; its code, which asks the clock, is not loaded.
 */
export function chinaDays(): ReadonlyMap<number, SpecialDay> {
  days ??= read();
  return days;
}

/** The years whose days have been published. */
export function chinaYears(): ReadonlySet<number> {
  years ??= new Set([...chinaDays().keys()].map((day) => new Date(day * 86_400_000).getUTCFullYear()));
  return years;
}

function read(): ReadonlyMap<number, SpecialDay> {
  const { holidays, workdays } = createRequire(import.meta.url)('chinese-days/dist/chinese-days.json') as Published;
  const entries = (dates: object, kind: SpecialDay) =>
    Object.keys(dates).map((date): [number, SpecialDay] => [dayOf(date) ?? 0, kind]);
  return new Map([...entries(holidays, 'holiday'), ...entries(workdays, 'workday')]);
}
