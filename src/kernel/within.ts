import type { Clock } from './clock.ts';

/**
 * What the work comes to, or undefined when it has not by then; the work goes on. Rejects when it fails in time; what it
 * fails with later is nobody's any more.
 */
export function within<Result>(clock: Clock, deadlineMs: number, work: Promise<Result>): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(deadlineMs, () => resolve(undefined));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
