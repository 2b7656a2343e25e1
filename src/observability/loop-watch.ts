import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Clock, defineErrors, type Logger, type Timer } from '../kernel/index.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

const errors = defineErrors('loop', {
  slow: [
    503,
    'the server comes late to everything it does',
    'look at nodejs_eventloop_lag and process_cpu: give it processor time, or fewer calls and readers',
  ],
});

/** How late the event loop has been. */
export interface LoopDelay {
  /** The longest delay since the last `reset`, in milliseconds. */
  maxMs(): number;
  /** Forgets; what happens in the very next milliseconds is not measured. */
  reset(): void;
  stop(): void;
}

const resolutionMs = 20;
const lookEveryMs = 1_000;
/** After so long without a delay the alarm is over. */
const quietMs = 10_000;

/** Node's own measure: a timer of the runtime beside JavaScript, so that watching costs no turn of the loop. */
export function measuredLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return {
    // What is recorded is the time between two looks, and so holds the interval itself.
    maxMs: () => (histogram.count === 0 ? 0 : Math.max(0, histogram.max / 1e6 - resolutionMs)),
    reset: () => histogram.reset(),
    stop: () => {
      histogram.disable();
    },
  };
}

interface LoopWatchParts {
  readonly delay: LoopDelay;
  /** A delay from which on the alarm is raised. */
  readonly alarmMs: number;
  readonly clock: Clock;
  readonly readiness: Readiness;
  readonly metrics: Pick<Metrics, 'loopAlarms'>;
  readonly logger: Logger;
}

/**
 * Raises the alarm when the event loop was held up, which delays every call and every reader alike: a line in the log,
 * a counter, and `eventLoop` in `/readyz`, which does not make the server unready. It ends by itself.
 */
export function watchLoop({ delay, alarmMs, clock, readiness, metrics, logger }: LoopWatchParts): Timer {
  const check = readiness.declare('eventLoop', { optional: true });
  check.up();
  let slowUntilMs: number | undefined;
  let timer: Timer;
  const look = (): void => {
    const maxMs = Math.round(delay.maxMs());
    const nowMs = clock.nowMs();
    if (maxMs >= alarmMs) {
      delay.reset();
      if (slowUntilMs === undefined) {
        metrics.loopAlarms.inc();
        const { code, mend } = errors.slow;
        logger.warn({ code, delayMs: maxMs, mend }, 'the event loop was held up');
      }
      slowUntilMs = nowMs + quietMs;
      check.down(errors.slow.code, `${maxMs} ms`);
    } else if (slowUntilMs !== undefined && nowMs >= slowUntilMs) {
      slowUntilMs = undefined;
      check.up();
      logger.info({}, 'the event loop is in time again');
    }
    timer = clock.after(lookEveryMs, look);
  };
  // What the start itself holds up is no alarm.
  timer = clock.after(lookEveryMs, () => {
    delay.reset();
    timer = clock.after(lookEveryMs, look);
  });
  return {
    cancel: () => {
      timer.cancel();
      delay.stop();
    },
  };
}
