import type { Schedule, TimeZone, wallClock } from '../calendar/index.ts';
import { type Target, targetName } from './target.ts';

/** Where a step leads: to another step of the flow, back to the last question, to this one again, or out of the flow. */
export type Destination =
  | Target
  | { readonly kind: 'step'; readonly stepId: string }
  | { readonly kind: 'back' }
  | { readonly kind: 'repeat' };

/** A short name of a destination for logs and events: `step:order`, `back`, `queue:sales`. */
export function destinationName(to: Destination): string {
  if (to.kind === 'step') return `step:${to.stepId}`;
  return to.kind === 'back' || to.kind === 'repeat' ? to.kind : targetName(to);
}

/** What every question to the caller has. */
export interface QuestionPolicy {
  readonly prompt: readonly string[];
  /** After this the prompt is cut, in case the PBX never tells of its end. */
  readonly promptMaxMs: number;
  /** How long the caller may think after the prompt, and after each digit. */
  readonly timeoutMs: number;
  /** How often the caller is asked; then the call goes to `otherwise`. */
  readonly attempts: number;
  /** Played before the prompt after a wrong answer. */
  readonly wrongKey: readonly string[];
  readonly otherwise: Destination;
}

/** What a key of a menu leads to. */
export interface MenuKey {
  readonly target: Destination;
  /** What the key stands for, for the agent who gets the call. */
  readonly label: string;
  /** Attached to the call of who presses it. */
  readonly data: Readonly<Record<string, string>>;
  /** The language in which the call goes on. */
  readonly language?: string | undefined;
}

export interface MenuPolicy extends QuestionPolicy {
  readonly kind: 'menu';
  readonly keys: Readonly<Record<string, MenuKey>>;
}

/** Digits that the caller types, such as the number of an order. */
export interface CollectPolicy extends QuestionPolicy {
  readonly kind: 'collect';
  /** The name under which the answer is attached to the call. */
  readonly into: string;
  readonly digitsMin: number;
  readonly digitsMax: number;
  /** Ends the answer before `digitsMax`; none: the length or the silence after it does. */
  readonly endKey?: string | undefined;
  /** Who is asked whether there is such a number. */
  readonly check?: string | undefined;
  /** Played before the prompt when the check knows no such number. */
  readonly unknown: readonly string[];
  /** Attached, told and shown with its last digits only. */
  readonly sensitive: boolean;
  readonly next: Destination;
}

/** Something to hear; keys mean nothing meanwhile. */
export interface SayPolicy {
  readonly kind: 'say';
  readonly prompt: readonly string[];
  readonly promptMaxMs: number;
  readonly next: Destination;
}

/** What a condition may ask about. What is not known is empty. */
export interface FlowFacts {
  readonly caller: {
    readonly known: boolean;
    readonly vip: boolean;
    readonly tier: string;
    readonly value: number;
    readonly language: string;
    readonly region: string;
    readonly tags: readonly string[];
    readonly openTickets: number;
    readonly churnRisk: string;
  };
  readonly call: {
    readonly number: string;
    readonly dialled: string;
    readonly entry: string;
    readonly language: string;
    readonly data: Readonly<Record<string, string>>;
  };
  /** By the clock on the wall; `weekday` from 1, Monday, to 7. */
  readonly time: ReturnType<typeof wallClock>;
}

export interface FlowBranch {
  /** A condition, from the text of the config. */
  readonly when?: (facts: FlowFacts) => { readonly kind: 'yes' | 'no' | 'failed' };
  /** Taken when this is open. */
  readonly open?: Schedule;
  readonly target: Destination;
  readonly language?: string | undefined;
}

/** The first branch that holds is taken. */
export interface DecidePolicy {
  readonly kind: 'decide';
  readonly branches: readonly FlowBranch[];
  /** Whose clock conditions see. */
  readonly zone: TimeZone;
  /** Waits for the lookup, whose deadline bounds it. */
  readonly needsCaller: boolean;
  readonly otherwise: Destination;
}

export type FlowStep = MenuPolicy | CollectPolicy | SayPolicy | DecidePolicy;

/** What a caller goes through between greeting and queue; from config, where it was checked. */
export interface FlowPolicy {
  readonly id: string;
  readonly start: string;
  readonly steps: Readonly<Record<string, FlowStep>>;
  /** Where a VIP goes, wherever in the flow, as soon as the lookup knows. */
  readonly vip?: Target | undefined;
  /** Where a caller goes for whom the flow takes too many steps or too long. */
  readonly otherwise: Target;
  readonly stepsMax: number;
  /** Looked at when a step begins or a question is asked again. */
  readonly timeMaxMs: number;
}
