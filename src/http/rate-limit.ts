import { AppError, type Bucket, type BucketRule, type Clock, type ErrorSpec, takeToken } from '../kernel/index.ts';
import { httpErrors } from './errors.ts';

/** What is counted apart: signing in, deeds on calls and agents, look-ups of customers, reveals of numbers, the rest. */
export const rateClasses = ['login', 'command', 'lookup', 'reveal', 'default'] as const;
export type RateClass = (typeof rateClasses)[number];
export type RateRules = Readonly<Record<RateClass, BucketRule>>;

/** Names beyond this many forget the one that was quiet for longest; strangers' addresses are names too. */
const bucketsMax = 10_000;

/** Refused for now; `retryAfterMs` becomes the Retry-After header. */
export class TooManyError extends AppError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number, spec: ErrorSpec = httpErrors.too_many) {
    super(spec);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Counts requests by class and name, in this process. Throws `TooManyError` for one too many. */
export function rateLimiter(rules: RateRules, clock: Clock): (rate: RateClass, name: string) => void {
  const buckets = new Map<string, Bucket>();
  return (rate, name) => {
    const key = `${rate} ${name}`;
    const taken = takeToken(buckets.get(key), rules[rate], clock.nowMs());
    buckets.delete(key);
    buckets.set(key, taken.bucket);
    const [quietest] = buckets.keys();
    if (buckets.size > bucketsMax && quietest !== undefined) buckets.delete(quietest);
    if (!taken.ok) throw new TooManyError(taken.retryAfterMs);
  };
}
