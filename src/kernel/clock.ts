/** A pending timer; `cancel` may be called any number of times. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as a parameter: production gives the system clock, tests and the simulator give one that they turn by hand.
 * `nowMs` is Unix time in milliseconds and never goes back within a process.
 */
export interface Clock {
  nowMs(): number;
  after(delayMs: number, run: () => void): Timer;
}

/** Chance as a parameter: a number in [0, 1). */
export interface Rng {
  next(): number;
}
