import type { Draft } from './draft.ts';
import { overflowTo, wayOut } from './leaving.ts';
import { closingNow, turnFrom, waitOn } from './queue-hours.ts';
import { cut, hear, isLeaving, isSent, soonMs } from './wait-sounds.ts';

/** The hours of the number or the queue are over: who waits hears so and goes where the config says. */
export function closingTime(draft: Draft): void {
  const { call } = draft;
  if (isLeaving(call) || isSent(call) || (call.phase !== 'waiting' && call.phase !== 'offering')) return;
  const closing = closingNow(draft);
  // The clock was set, the config was changed meanwhile, or the call has moved to where nothing closes.
  if (!closing) return waitOn(draft);
  // A phone rings: its agent is not gone yet. Told again when nothing has come of it.
  if (call.phase === 'offering') return draft.ask({ kind: 'startTimer', timer: 'closing', afterMs: soonMs });
  const { prompt } = closing.end;
  if (!call.answered || prompt.length === 0) return closingHeard(draft);
  cut(draft);
  hear(draft, 'closing', prompt);
}

/** The caller has heard that it is closed. */
export function closingHeard(draft: Draft): void {
  const closing = closingNow(draft);
  if (!closing) return waitOn(draft);
  const { target } = closing.end;
  if (closing.of === 'number') {
    draft.change({ closed: true });
    return overflowTo(draft, target, 'closed');
  }
  // Closed queues that name one another would pass the caller round.
  const isRing = target.kind === 'queue' && turnFrom(draft).includes(target.queueId);
  overflowTo(draft, isRing ? wayOut(draft) : target, 'closed');
}
