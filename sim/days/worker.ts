import { liveDay } from './day.ts';
import type { Plant } from './plants.ts';

/** What a worker process is asked, one day at a time. */
export interface DayOrder {
  readonly seed: number;
  readonly hours: number;
  readonly plant?: Plant | undefined;
  readonly instances?: boolean | undefined;
}

process.on('message', (order: DayOrder) => {
  liveDay(order).then(
    (result) => process.send?.({ result }),
    (error: unknown) =>
      process.send?.({ seed: order.seed, error: error instanceof Error ? error.stack : String(error) }),
  );
});
