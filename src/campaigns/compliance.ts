import { AppError, type Clock } from '../kernel/index.ts';
import { outboundErrors } from './errors.ts';
import type { DoNotCallStore, Hours } from './ports.ts';

export interface ComplianceOptions {
  /** Numbers of the site's own file, as the directory writes them. */
  readonly listed: ReadonlySet<string>;
  /** When customers of a country may be called; undefined for a country that may not be called at all. */
  readonly hoursOf: (region: string) => Hours | undefined;
  /** The store must say by then whether a number is on the list. */
  readonly deadlineMs: number;
}

/** Who may be called, and when. What cannot be found out counts as no. */
export class Compliance {
  private readonly store: DoNotCallStore;
  private readonly clock: Clock;
  private readonly options: ComplianceOptions;

  constructor(store: DoNotCallStore, clock: Clock, options: ComplianceOptions) {
    this.store = store;
    this.clock = clock;
    this.options = options;
  }

  /** Rejects with `outbound.not_checked` when the list cannot be read in time. */
  async isListed(number: string): Promise<boolean> {
    if (this.options.listed.has(number)) return true;
    return inTime(this.store.has(number), this.options.deadlineMs, this.clock);
  }

  /** Whether somebody in that country may be called now. Our own extensions (no region) always may. */
  isOpen(region: string | undefined, atMs: number): boolean {
    return region === undefined || (this.options.hoursOf(region)?.isOpen(atMs) ?? false);
  }

  /** Until when somebody may be called whom it is allowed to call now; undefined when that does not end. */
  openUntilMs(region: string | undefined, atMs: number): number | undefined {
    return region === undefined ? undefined : this.options.hoursOf(region)?.nextChangeMs(atMs);
  }

  /** The first instant from `atMs` on at which somebody there may be called; undefined when there is none. */
  nextOpenMs(region: string | undefined, atMs: number): number | undefined {
    if (this.isOpen(region, atMs)) return atMs;
    return region === undefined ? atMs : this.options.hoursOf(region)?.nextChangeMs(atMs);
  }
}

/** Rejects with `outbound.not_checked` when the answer is not there in time, or is a failure. */
function inTime<Answer>(answer: Promise<Answer>, deadlineMs: number, clock: Clock): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const refuse = (cause?: unknown): void => reject(new AppError(outboundErrors.not_checked, undefined, { cause }));
    const timer = clock.after(deadlineMs, refuse);
    answer.then(resolve, refuse).finally(() => timer.cancel());
  });
}
