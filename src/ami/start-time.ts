import type { AmiMessage } from './ports.ts';

/** When the PBX started, as far as it tells. */
export interface PbxStart {
  /** Unix milliseconds. */
  readonly startedAtMs: number;
  /** `CoreStartupDate` and `CoreStartupTime` in the PBX's own words: exact, but in its own time zone. */
  readonly stamp: string | undefined;
}

/** Uptime comes in whole seconds and may wait in a queue, so two readings of one start differ by a little. */
const uptimeSlackMs = 5_000;

/**
 * Joins CoreStatus (needs `write=reporting`, tells local time without a zone) and FullyBooted (needs `read=system`, tells
 * uptime in seconds). Without FullyBooted the PBX's zone is taken for ours. Undefined when neither tells.
 */
export function readPbxStart(
  coreStatus: AmiMessage | undefined,
  fullyBooted: { readonly event: AmiMessage; readonly atMs: number } | undefined,
): PbxStart | undefined {
  const date = coreStatus?.get('CoreStartupDate');
  const time = coreStatus?.get('CoreStartupTime');
  const stamp = date && time ? `${date}T${time}` : undefined;
  const uptimeText = fullyBooted?.event.get('Uptime') ?? '';
  const fromUptimeMs =
    fullyBooted && /^\d{1,10}$/.test(uptimeText) ? fullyBooted.atMs - Number(uptimeText) * 1_000 : NaN;
  const startedAtMs = Number.isNaN(fromUptimeMs) && stamp ? Date.parse(stamp) : fromUptimeMs;
  return Number.isNaN(startedAtMs) ? undefined : { startedAtMs, stamp };
}

export function isSameStart(a: PbxStart, b: PbxStart): boolean {
  if (a.stamp !== undefined && b.stamp !== undefined) return a.stamp === b.stamp;
  return Math.abs(a.startedAtMs - b.startedAtMs) <= uptimeSlackMs;
}
