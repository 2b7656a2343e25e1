/** A key's allowance: `tokens` were there at `atMs`, and grow with time. */
export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

export interface BucketRule {
  readonly perSecond: number;
  /** The most that can be saved up. */
  readonly burst: number;
}

export type Taken =
  | { readonly ok: true; readonly bucket: Bucket }
  | { readonly ok: false; readonly bucket: Bucket; readonly retryAfterMs: number };

/** Takes one token. A bucket never seen before is full. Pure; a clock that stands still gives nothing. */
export function takeToken(bucket: Bucket | undefined, rule: BucketRule, nowMs: number): Taken {
  const grown = bucket === undefined ? rule.burst : bucket.tokens + ((nowMs - bucket.atMs) / 1000) * rule.perSecond;
  const tokens = Math.min(rule.burst, grown);
  if (tokens >= 1) return { ok: true, bucket: { tokens: tokens - 1, atMs: nowMs } };
  return {
    ok: false,
    bucket: { tokens, atMs: nowMs },
    retryAfterMs: Math.ceil(((1 - tokens) / rule.perSecond) * 1000),
  };
}
