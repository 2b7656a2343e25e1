import type { Target } from './target.ts';

/** What a key of a menu leads to. */
export interface MenuKey {
  readonly target: Target;
  /** What the key stands for, for the agent who gets the call. */
  readonly label: string;
  /** Attached to the call of who presses it. */
  readonly data: Readonly<Record<string, string>>;
}

/** A keypad menu, from config. */
export interface MenuPolicy {
  readonly id: string;
  readonly prompt: readonly string[];
  /** After this the prompt is cut, in case the PBX never tells of its end. */
  readonly promptMaxMs: number;
  readonly keys: Readonly<Record<string, MenuKey>>;
  /** How long the caller may think after the end of the prompt. */
  readonly timeoutMs: number;
  /** How often the prompt is played; then the call goes to `otherwise`. */
  readonly attempts: number;
  /** Played before the prompt after a key that leads nowhere. */
  readonly wrongKey: readonly string[];
  readonly otherwise: Target;
  /** Where a VIP goes without choosing, as soon as the lookup knows. */
  readonly vip?: Target | undefined;
}

/**
 * Where a caller is in a menu. `greeting`: the prompt comes after it, but a key counts already. `listening`: the prompt
 * is over. `chosen`: what was chosen waits for the lookup.
 */
export type MenuState = {
  readonly menuId: string;
  /** How often the caller was asked, from 1. */
  readonly attempt: number;
  /** Prompts played so far; names the playback, so that a late end of one is not taken for that of the next. */
  readonly plays: number;
} & ({ readonly stage: 'greeting' | 'prompt' | 'listening' } | { readonly stage: 'chosen'; readonly target: Target });

/** A choice that the caller made on the way in. */
export interface MenuStep {
  readonly menu: string;
  readonly key: string;
  readonly label: string;
}

/** Why the caller is asked. */
export type MenuAsked = 'arrived' | 'wrongKey' | 'timeout' | 'recovered';
/** How a menu was left: by a key, or because of what the caller goes to `otherwise` or past it. */
export type MenuOutcome = 'chosen' | 'wrongKey' | 'timeout' | 'unheard' | 'vip';

export const promptIdOf = (callId: string, plays: number): string => `${callId}.menu${plays}`;
