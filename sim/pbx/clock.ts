import type { Clock } from '../../src/kernel/index.ts';

/** The time of the PBX: virtual in the simulator, the machine's own behind the socket front. */
export interface PbxClock extends Clock {
  /** Unix milliseconds with their fraction, which keeps the order of what a real network would keep apart. */
  exactMs(): number;
}
