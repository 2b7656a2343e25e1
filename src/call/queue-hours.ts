import { isOpen, nextChange, type Schedule } from '../calendar/index.ts';
import type { Draft } from './draft.ts';
import type { QueuedReason } from './effects.ts';
import type { AtClosing, QueueHours } from './wait-care.ts';
import { careOf, changeWait, soonMs } from './wait-sounds.ts';

const dayMs = 24 * 3_600_000;
/** So soon a caller who finds a queue closed is told, and goes. */
const atOnceMs = 1;

/** Who comes, from wherever, is not let in; who was there already, or is called for an agent by name, is. */
const comes: ReadonlySet<QueuedReason> = new Set(['arrived', 'overflow', 'transfer']);

/**
 * Whether the queue in which the call has just been put is closed to it. Then nobody is looked for: the caller hears so,
 * and goes on. Remembered with the call, so that a restart in the middle of the message does not let it in.
 */
export function turnedAway(draft: Draft, reason: QueuedReason): boolean {
  const { call, atMs } = draft;
  const { hours } = careOf(draft);
  const isClosed = hours !== undefined && !isOpen(hours.schedule, atMs);
  const before = call.wait?.turnedFrom;
  const isAway = isClosed && call.onlyAgentId === undefined && (comes.has(reason) || isTurnedAway(draft));
  if (isAway) {
    turnFrom(draft);
    draft.ask({ kind: 'leaveQueue' });
    draft.ask({ kind: 'startTimer', timer: 'closing', afterMs: atOnceMs });
  } else if (before) changeWait(draft, { turnedFrom: undefined });
  return isAway;
}

/** Nothing closes to it now. Who was being sent away, by rules that have been replaced since, is let in. */
export function waitOn(draft: Draft): void {
  if (isTurnedAway(draft)) {
    changeWait(draft, { turnedFrom: undefined });
    draft.ask({ kind: 'enqueue' });
  }
  watchHours(draft);
}

/** Notes the queue among those that were closed to the caller one after another, and gives all of them. */
export function turnFrom(draft: Draft): readonly string[] {
  const { queueId = '', wait } = draft.call;
  const turnedFrom = [...new Set([...(wait?.turnedFrom ?? []), queueId])];
  changeWait(draft, { turnedFrom });
  return turnedFrom;
}

const isTurnedAway = ({ call }: Draft): boolean => call.wait?.turnedFrom?.includes(call.queueId ?? '') === true;

/** What the hours ask of a call that waits now, by whose hours; undefined when it may go on waiting. */
export function closingNow(draft: Draft): { readonly of: 'number' | 'queue'; readonly end: AtClosing } | undefined {
  const queue = careOf(draft).hours;
  if (queue && isTurnedAway(draft)) return { of: 'queue', end: queue.afterHours };
  const number = watchedOfNumber(draft);
  if (number?.atClosing && !isOpen(number.schedule, draft.atMs)) return { of: 'number', end: number.atClosing };
  const watched = watchedOfQueue(draft);
  if (watched && !isOpen(watched.schedule, draft.atMs)) return { of: 'queue', end: watched.afterHours };
  return undefined;
}

/** Those who wait are told when the hours of their number or queue end, where the config says what follows. */
export function watchHours(draft: Draft): void {
  const schedules = [watchedOfNumber(draft)?.schedule, watchedOfQueue(draft)?.schedule];
  const afterMs = Math.min(...schedules.map((schedule) => closesInMs(schedule, draft.atMs)));
  if (afterMs <= dayMs) draft.ask({ kind: 'startTimer', timer: 'closing', afterMs });
}

function watchedOfNumber({ call, policy }: Draft) {
  const { hours } = policy.entry;
  return hours?.atClosing && call.direction !== 'outbound' && !call.closed ? hours : undefined;
}

/** Who waits for an agent by name is not the queue's. */
function watchedOfQueue(draft: Draft): QueueHours | undefined {
  const { call } = draft;
  const { hours } = careOf(draft);
  if (!hours || hours.atClosing === 'serve') return undefined;
  return call.direction === 'outbound' || call.onlyAgentId !== undefined ? undefined : hours;
}

/** Nobody waits for a day: what is further off is as good as never. */
function closesInMs(schedule: Schedule | undefined, atMs: number): number {
  if (!schedule) return Number.POSITIVE_INFINITY;
  // It closed while nobody was there to say so.
  if (!isOpen(schedule, atMs)) return soonMs;
  return Math.max(1, (nextChange(schedule, atMs) ?? Number.POSITIVE_INFINITY) - atMs);
}
