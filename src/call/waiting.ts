import { type Call, callIdPrefix } from './call.ts';
import type { Draft } from './draft.ts';
import type { QueuedReason } from './effects.ts';
import type { MenuStep } from './flow-state.ts';
import { stopRecording } from './recording.ts';
import { turnedAway, watchHours } from './queue-hours.ts';
import { waitBegins } from './wait-sounds.ts';
import { placedInto } from './placing.ts';

/** Name of the channel variable in which a call survives us; its value is `channelRecord` as JSON. */
export const channelVariable = 'RINGMASTER_CALL';

/**
 * The call waits in a queue. Its age stays what it was: overflow, transfer and recovery do not send anybody to the
 * end of the line. Music plays to callers that are answered; others go on hearing the ringing tone.
 */
export function toQueue(draft: Draft, asked: string, reason: QueuedReason): void {
  stopRecording(draft);
  const queueId = reason === 'arrived' ? placedInto(draft, asked) : asked;
  const { call } = draft;
  const queuedAtMs = call.queuedAtMs ?? draft.atMs - (call.resumedMs ?? 0);
  const again = isAgain(call, reason);
  const enteredAtMs = again ? (call.queueEnteredAtMs ?? queuedAtMs) : draft.atMs;
  draft.enter('waiting', {
    queueId,
    queuedAtMs,
    queueEnteredAtMs: enteredAtMs === queuedAtMs ? undefined : enteredAtMs,
    waitingSinceMs: reason === 'transfer' ? draft.atMs : (call.waitingSinceMs ?? call.queuedAtMs ?? draft.atMs),
    ...(reason === 'transfer' && call.wait ? { wait: undefined } : {}),
    hops: reason === 'overflow' ? call.hops + 1 : 0,
    offers: undefined,
    talk: undefined,
  });
  // The customer of an outbound call has no leg yet.
  if (!call.outbound) {
    draft.pbx({ kind: 'setVariables', legId: call.callerLegId, variables: channelVariables(draft) });
  }
  if (call.answered && reason !== 'overflow') {
    draft.pbx({ kind: 'startMusic', legId: call.callerLegId, musicClass: draft.policy.queue(queueId).musicClass });
  }
  draft.tell({ type: 'call.queued.v1', reason: call.outbound ? 'outbound' : reason });
  if (turnedAway(draft, reason)) return;
  draft.ask(again ? { kind: 'enqueue', again } : { kind: 'enqueue' });
  watchHours(draft);
  waitBegins(draft);
}

/** Whether it goes on with a wait that it had begun: after a restart, or dropped before anybody could speak. */
const isAgain = ({ talkedMs }: Call, reason: QueuedReason): boolean =>
  reason === 'recovered' || (reason === 'returned' && talkedMs === 0);

/** What of a call is written on the caller's channel, so that even a server with an empty store finds it again. */
export interface ChannelRecord {
  readonly id: string;
  readonly entryId: string;
  readonly queueId: string;
  readonly enteredAtMs: number;
  readonly queuedAtMs: number;
  /** Since when it has been in this queue, where that is not `queuedAtMs`. */
  readonly queueEnteredAtMs?: number;
  readonly attempts: number;
  readonly menuPath?: readonly MenuStep[];
}

export const channelVariables = (draft: Draft): Readonly<Record<string, string>> => ({
  [channelVariable]: JSON.stringify(channelRecord(draft)),
});

function channelRecord(draft: Draft): ChannelRecord {
  const { call } = draft;
  return {
    id: call.id,
    entryId: call.entryId,
    queueId: call.queueId ?? draft.policy.entry.queueId,
    enteredAtMs: call.enteredAtMs,
    queuedAtMs: call.queuedAtMs ?? draft.atMs,
    attempts: call.attempts,
    ...(call.queueEnteredAtMs === undefined ? {} : { queueEnteredAtMs: call.queueEnteredAtMs }),
    ...(call.menuPath ? { menuPath: call.menuPath } : {}),
  };
}

/** Reads what `channelRecord` wrote; undefined for anything that is not that (the variable may be forged). */
export function parseChannelRecord(text: string | undefined): ChannelRecord | undefined {
  if (text === undefined || text.length > 2000) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Record<string, unknown>;
  const { id, entryId, queueId, enteredAtMs, queuedAtMs, queueEnteredAtMs = 0, attempts, menuPath } = record;
  const texts = [id, entryId, queueId];
  const numbers = [enteredAtMs, queuedAtMs, queueEnteredAtMs, attempts];
  if (!texts.every((part) => typeof part === 'string' && /^[\w.:-]{1,80}$/.test(part))) return undefined;
  if (!(id as string).startsWith(callIdPrefix)) return undefined;
  if (!numbers.every((part) => Number.isSafeInteger(part) && (part as number) >= 0)) return undefined;
  if (menuPath !== undefined && !isMenuPath(menuPath)) return undefined;
  return value as ChannelRecord;
}

const menuStepsMax = 10;

function isMenuPath(value: unknown): boolean {
  return Array.isArray(value) && value.length <= menuStepsMax && value.every(isMenuStep);
}

function isMenuStep(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { menu, key, label } = value as Record<string, unknown>;
  return [menu, key, label].every((part) => typeof part === 'string' && part.length <= 64);
}
