import { AppError, type Clock } from '../kernel/index.ts';
import { httpErrors } from './errors.ts';
import { type Bucket, type BucketRule, takeToken } from './token-bucket.ts';

/** Names beyond this many forget the one that was quiet for longest; strangers' addresses are names too. */
const bucketsMax = 10_000;

/** Refused for now; `retryAfterMs` becomes the Retry-After header. */
export class TooManyError extends AppError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(httpErrors.too_many);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Counts requests by name, in this process. Throws `TooManyError` for one too many. */
export function rateLimiter(rule: BucketRule, clock: Clock): (name: string) => void {
  const buckets = new Map<string, Bucket>();
  return (name) => {
    const taken = takeToken(buckets.get(name), rule, clock.nowMs());
    buckets.delete(name);
    buckets.set(name, taken.bucket);
    const [quietest] = buckets.keys();
    if (buckets.size > bucketsMax && quietest !== undefined) buckets.delete(quietest);
    if (!taken.ok) throw new TooManyError(taken.retryAfterMs);
  };
}
