import type { DialOutcome } from '../call/index.ts';

/** What a customer's phone can do to us that may be tried again. */
export type RetryClass = 'busy' | 'noAnswer' | 'failed';

export interface RetryRule {
  /** Dials that may end so, the first included. */
  readonly attemptsMax: number;
  /** How long to wait before the next. */
  readonly delayMs: number;
}

export interface RetryRules extends Readonly<Record<RetryClass, RetryRule>> {
  /** Dials in all, whatever their outcomes. */
  readonly attemptsMax: number;
}

/** What a job may ask for instead of the site's rules; the site's bounds hold. */
export type RetryWish = {
  readonly attemptsMax?: number;
} & { readonly [Class in RetryClass]?: Partial<RetryRule> };

export interface RetryBounds {
  readonly attemptsMax: number;
  readonly delayMinMs: number;
}

/** By which rule an attempt is counted that dialled a customer. What nobody saw counts as failed. */
export function retryClass(outcome: DialOutcome): RetryClass {
  return outcome === 'busy' || outcome === 'noAnswer' ? outcome : 'failed';
}

/** The site's rules with a job's wishes, which are kept within the bounds. */
export function rulesFor(site: RetryRules, wish: RetryWish, bounds: RetryBounds): RetryRules {
  const attempts = (wanted: number | undefined, usual: number): number =>
    wanted === undefined ? usual : Math.min(bounds.attemptsMax, Math.max(1, wanted));
  const delay = (wanted: number | undefined, usual: number): number =>
    wanted === undefined ? usual : Math.max(bounds.delayMinMs, wanted);
  const rule = (name: RetryClass): RetryRule => ({
    attemptsMax: attempts(wish[name]?.attemptsMax, site[name].attemptsMax),
    delayMs: delay(wish[name]?.delayMs, site[name].delayMs),
  });
  return {
    attemptsMax: attempts(wish.attemptsMax, site.attemptsMax),
    busy: rule('busy'),
    noAnswer: rule('noAnswer'),
    failed: rule('failed'),
  };
}
