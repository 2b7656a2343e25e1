import type { Clock } from '../kernel/index.ts';

/**
 * Runs a request with a deadline: the signal aborts then, or when `stopped` does. The desk's own rejection is awaited,
 * because the port promises it soon after.
 */
export async function withDeadline<Answer>(
  clock: Clock,
  deadlineMs: number,
  stopped: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const late = new AbortController();
  const timer = clock.after(deadlineMs, () => late.abort());
  try {
    return await ask(AbortSignal.any([late.signal, stopped]));
  } finally {
    timer.cancel();
  }
}
