export const dayMs = 86_400_000;

/** A time zone by its one question: how far its clocks are ahead of UTC at an instant, in milliseconds. */
export interface TimeZone {
  /** IANA name, such as `Asia/Shanghai`. */
  readonly name: string;
  offsetMs(atMs: number): number;
}

/** Zones have moved their clocks at quarters of an hour only, for as long as there have been telephones worth routing. */
const stepMs = 900_000;
/** What a busy server asks for is now; a look ahead of a year needs some hundred more. */
const remembered = 4_096;

/**
 * Zones whose clocks have stood still since 1992, with the minutes that they are ahead of UTC. They are answered without
 * the runtime's time zone data, whose first use brings some 5 MB into memory.
 */
const steady: Readonly<Record<string, number>> = {
  UTC: 0,
  'Asia/Shanghai': 480,
  'Asia/Hong_Kong': 480,
  'Asia/Macau': 480,
  'Asia/Taipei': 480,
  'Asia/Singapore': 480,
  'Asia/Tokyo': 540,
};
const steadySinceMs = Date.UTC(1992, 0, 1);

/**
 * The zone of an IANA name, as the runtime's own time zone data has it. Throws a RangeError for an unknown name.
 * A pure function of name and instant: it asks no clock.
 */
export function timeZone(name: string): TimeZone {
  const minutes = Object.hasOwn(steady, name) ? steady[name] : undefined;
  if (minutes === undefined) return measured(name);
  let before: TimeZone | undefined;
  return {
    name,
    offsetMs(atMs) {
      if (atMs >= steadySinceMs) return minutes * 60_000;
      before ??= measured(name);
      return before.offsetMs(atMs);
    },
  };
}

function measured(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const known = new Map<number, number>();
  const measure = (atMs: number): number => {
    const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - atMs;
  };
  return {
    name,
    offsetMs(atMs) {
      const step = Math.floor(atMs / stepMs);
      let offset = known.get(step);
      if (offset === undefined) {
        offset = measure(step * stepMs);
        if (known.size >= remembered) known.clear();
        known.set(step, offset);
      }
      return offset;
    },
  };
}

export function isTimeZone(name: string): boolean {
  try {
    timeZone(name);
    return true;
  } catch {
    // A RangeError is how the runtime says that it has no such zone.
    return false;
  }
}

/** The local day of `2026-10-01`, counted from 1970-01-01; undefined for what is not a day of the calendar. */
export function dayOf(date: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  const atMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return Number.isFinite(atMs) && new Date(atMs).toISOString().startsWith(date) ? atMs / dayMs : undefined;
}

/** The year of an instant by the clocks of a zone. */
export function yearOf(zone: TimeZone, atMs: number): number {
  return new Date(atMs + zone.offsetMs(atMs)).getUTCFullYear();
}

/** What the clocks and calendars of a zone show at an instant. `weekday` runs from 1, Monday, to 7, Sunday. */
export function wallClock(zone: TimeZone, atMs: number) {
  const local = new Date(atMs + zone.offsetMs(atMs));
  return {
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    weekday: ((local.getUTCDay() + 6) % 7) + 1,
    date: local.toISOString().slice(0, 10),
  };
}
