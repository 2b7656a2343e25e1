import type { Call } from './call.ts';
import type { Draft } from './draft.ts';
import type { CustomerDial } from './outbound-order.ts';
import type { Standing } from './told.ts';
import { toQueue } from './waiting.ts';

/** How often a callback looks whether its turn is near. */
const lookEveryMs = 2_000;

/** Whether the call holds a place in line of which routing does not know: also while its customer is dialled. */
export const holdsPlace = ({ outbound, phase }: Pick<Call, 'outbound' | 'phase'>): boolean =>
  outbound?.callback?.mode === 'customerFirst' && (phase === 'waiting' || phase === 'dialling');

/** Whether the call is a place in line without anybody on the phone, to whom no agent may be offered. */
export const isPlaceOnly = ({ outbound }: Pick<Call, 'outbound'>): boolean =>
  outbound?.callback?.mode === 'customerFirst' && outbound.stage === 'reserved';

/** The customer is called first: the call keeps the place in line and holds nobody up until its turn is near. */
export function keepPlace(draft: Draft): void {
  draft.enter('waiting', { queuedAtMs: draft.call.queuedAtMs ?? draft.atMs, waitingSinceMs: draft.atMs });
  draft.tell({ type: 'call.queued.v1', reason: 'callback' });
  draft.ask({ kind: 'estimate' });
}

/** True when the turn of the callback is near enough for its customer to be dialled now. */
export function isNear(draft: Draft, dial: CustomerDial, { waitMs }: Standing): boolean {
  if (waitMs !== undefined && waitMs <= (dial.callback?.leadMs ?? 0)) return true;
  draft.ask({ kind: 'startTimer', timer: 'wait', afterMs: lookEveryMs });
  return false;
}

/** The customer has answered: from here on a caller like any other, and first in line. */
export function customerInLine(draft: Draft): void {
  const { call, atMs } = draft;
  draft.change({
    answered: true,
    outbound: undefined,
    returned: true,
    waitedMs: undefined,
    waitingSinceMs: atMs,
    // The time before the call is age, not a wait on the phone.
    resumedMs: atMs - (call.queuedAtMs ?? atMs),
  });
  toQueue(draft, call.queueId ?? '', 'callback');
}
