import type { Target } from './target.ts';

/**
 * Where a caller is in the flow of its number. `greeting`: the first step comes after it, but a key of a menu counts
 * already. `listening`: the prompt is over or was cut by a digit. `checking`: somebody is asked about the answer.
 * `lookup`: a condition waits to know who calls. `over`: where to go is settled and waits for the lookup.
 */
export interface FlowState {
  readonly stepId: string;
  readonly stage: 'greeting' | 'prompt' | 'listening' | 'checking' | 'lookup' | 'over';
  /** How often the caller was asked at this step, from 1. */
  readonly attempt: number;
  /** Prompts played so far; names the playback, so that a late end of one is not taken for that of the next. */
  readonly plays: number;
  /** Steps begun so far. */
  readonly steps: number;
  readonly sinceMs: number;
  /** The questions before this one; `back` leads to the last. */
  readonly trail: readonly string[];
  /** What was typed so far; never kept in the store. */
  readonly digits?: string | undefined;
  /** Where the call goes; set when `over`. */
  readonly target?: Target;
}

/** A choice that the caller made on the way in. */
export interface MenuStep {
  readonly menu: string;
  readonly key: string;
  readonly label: string;
}

/** Why the caller is asked. */
export type AskedReason = 'arrived' | 'wrongKey' | 'timeout' | 'unknown' | 'repeat' | 'recovered';
/** How a menu was left: by a key, or because of what the caller goes to `otherwise` or past it. */
export type MenuOutcome = 'chosen' | 'wrongKey' | 'timeout' | 'unheard' | 'vip';
/**
 * How a question for digits was left. `confirmed`: the check knows them; `unchecked`: it could not be asked in time;
 * `accepted`: there is no check. The others lead to `otherwise`.
 */
export type CollectOutcome = 'confirmed' | 'unchecked' | 'accepted' | 'unknown' | 'wrongKey' | 'timeout' | 'unheard';
/** What a check says of digits; `data` is attached to the call. */
export type CheckOutcome =
  | { readonly kind: 'found'; readonly data: Readonly<Record<string, string>> }
  | { readonly kind: 'none' }
  /** Slow, dead, or not to be asked now. */
  | { readonly kind: 'unavailable' };

/** Why a flow was left before its end. */
export type CutReason = 'steps' | 'time' | 'vip';

export const promptIdOf = (callId: string, plays: number): string => `${callId}.menu${plays}`;
