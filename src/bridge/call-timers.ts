import type { CallTimer } from '../call/index.ts';
import type { Clock, Timer } from '../kernel/index.ts';

/** The timers that calls have asked for; at most one of each name a call. */
export class CallTimers {
  private readonly clock: Clock;
  private readonly onFired: (callId: string, timer: CallTimer) => void;
  private readonly byCall = new Map<string, Map<CallTimer, Timer>>();

  constructor(clock: Clock, onFired: (callId: string, timer: CallTimer) => void) {
    this.clock = clock;
    this.onFired = onFired;
  }

  /** Starts a timer of a call, or starts it anew. */
  start(callId: string, name: CallTimer, afterMs: number): void {
    const timers = this.byCall.get(callId) ?? new Map<CallTimer, Timer>();
    this.byCall.set(callId, timers);
    timers.get(name)?.cancel();
    const timer = this.clock.after(afterMs, () => {
      timers.delete(name);
      this.onFired(callId, name);
    });
    timers.set(name, timer);
  }

  stop(callId: string, name: CallTimer): void {
    const timers = this.byCall.get(callId);
    timers?.get(name)?.cancel();
    timers?.delete(name);
  }

  /** The call is over. */
  forget(callId: string): void {
    for (const timer of this.byCall.get(callId)?.values() ?? []) timer.cancel();
    this.byCall.delete(callId);
  }

  stopAll(): void {
    for (const callId of this.byCall.keys()) this.forget(callId);
  }
}
