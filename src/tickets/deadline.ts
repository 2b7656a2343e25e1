import type { Clock } from '../kernel/index.ts';
import { ticketError } from './errors.ts';

/** A desk's adapter ends soon after its signal aborts; one that does not is waited for no longer than this. */
const graceMs = 1_000;

/** Runs a request with a deadline: the signal aborts then, or when `stopped` does, and its rejection is the outcome. */
export async function withDeadline<Answer>(
  clock: Clock,
  deadlineMs: number,
  stopped: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const late = new AbortController();
  const deaf = Promise.withResolvers<never>();
  const timers = [
    clock.after(deadlineMs, () => late.abort()),
    clock.after(deadlineMs + graceMs, () => deaf.reject(ticketError('defect', 'the desk did not let go'))),
  ];
  try {
    return await Promise.race([ask(AbortSignal.any([late.signal, stopped])), deaf.promise]);
  } finally {
    for (const timer of timers) timer.cancel();
  }
}
