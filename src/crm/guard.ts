import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel';
import { AppError, type Clock } from '../kernel/index.ts';
import { crmError, crmErrors } from './errors.ts';

export type BreakerState = 'closed' | 'open' | 'halfOpen';

export interface GuardOptions {
  /** Calls to the CRM at one time, and how many may wait for their turn. */
  readonly concurrentMax: number;
  readonly queuedMax: number;
  /** How long one call may take, waiting included. */
  readonly timeoutMs: number;
  /** Failures in a row that open the breaker, and how long it stays open before one probe. */
  readonly failuresMax: number;
  readonly openMs: number;
}

/** Failures of our own making say nothing about the CRM's health. */
const ourOwn = new Set([crmErrors.rate_limited.code, crmErrors.request_invalid.code, crmErrors.address_refused.code]);

/** Bulkhead, breaker and timeout around one CRM. There is no retry: the caller's deadline has no room for one. */
export class Guard {
  private readonly breaker: CircuitBreakerPolicy;
  private readonly slots: ReturnType<typeof bulkhead>;
  private readonly limit: ReturnType<typeof timeout>;
  private readonly timeoutMs: number;
  private readonly clock: Clock;
  /** How often the breaker opened. */
  opened = 0;

  constructor(options: GuardOptions, clock: Clock) {
    this.timeoutMs = options.timeoutMs;
    this.clock = clock;
    this.slots = bulkhead(options.concurrentMax, options.queuedMax);
    this.limit = timeout(options.timeoutMs, TimeoutStrategy.Aggressive);
    const countsAsFailure = handleWhen((error) => !(error instanceof AppError && ourOwn.has(error.code)));
    this.breaker = circuitBreaker(countsAsFailure, {
      breaker: new ConsecutiveBreaker(options.failuresMax),
      halfOpenAfter: options.openMs,
    });
    this.breaker.onBreak(() => {
      this.opened += 1;
    });
  }

  get state(): BreakerState {
    if (this.breaker.state === CircuitState.HalfOpen) return 'halfOpen';
    return this.breaker.state === CircuitState.Closed ? 'closed' : 'open';
  }

  /** Rejects with an AppError only. While the breaker is open or probing it does so at once. */
  async run<Answer>(deed: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    // Cockatiel lets further calls wait for the outcome of a probe; a caller who waits on the phone has no time for it.
    if (this.breaker.state === CircuitState.HalfOpen) throw crmError('unavailable');
    const overall = new AbortController();
    const tooLate = Promise.withResolvers<never>();
    const timer = this.clock.after(this.timeoutMs, () => {
      overall.abort();
      tooLate.reject(crmError('timeout'));
    });
    try {
      const answer = this.slots.execute(({ signal }) => this.attempt(deed, signal), overall.signal);
      return await Promise.race([answer, tooLate.promise]);
    } catch (error) {
      throw asAppError(error);
    } finally {
      timer.cancel();
    }
  }

  private attempt<Answer>(deed: (signal: AbortSignal) => Promise<Answer>, outer: AbortSignal): Promise<Answer> {
    if (this.breaker.state === CircuitState.HalfOpen) throw crmError('unavailable');
    return this.breaker.execute(() => this.limit.execute(({ signal }) => deed(signal), outer));
  }
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof BrokenCircuitError) return crmError('unavailable');
  if (error instanceof BulkheadRejectedError) return crmError('busy');
  if (error instanceof TaskCancelledError) return crmError('timeout');
  return crmError('unreachable', undefined, error);
}
