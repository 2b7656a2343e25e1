import { isOpen } from '../calendar/index.ts';
import type { Draft } from './draft.ts';
import { overflowTo } from './leaving.ts';
import { cut, hear, isLeaving, isSent, soonMs, watchHours } from './wait-sounds.ts';

/** The hours of the number end: who still waits hears so and goes where the config says. */
export function closingTime(draft: Draft): void {
  const { call, policy, atMs } = draft;
  const { hours } = policy.entry;
  if (!hours?.atClosing || isLeaving(call) || isSent(call)) return;
  // A phone rings: its agent is not gone yet. Told again when nothing has come of it.
  if (call.phase === 'offering') return draft.ask({ kind: 'startTimer', timer: 'closing', afterMs: soonMs });
  if (call.phase !== 'waiting') return;
  // The clock was set, or the config was changed meanwhile.
  if (isOpen(hours.schedule, atMs)) return watchHours(draft);
  if (!call.answered || hours.atClosing.prompt.length === 0) return closingHeard(draft);
  cut(draft);
  hear(draft, 'closing', hours.atClosing.prompt);
}

/** The caller has heard that it is closing time. */
export function closingHeard(draft: Draft): void {
  const { atClosing } = draft.policy.entry.hours ?? {};
  if (!atClosing) return;
  draft.change({ closed: true });
  overflowTo(draft, atClosing.target, 'closed');
}
