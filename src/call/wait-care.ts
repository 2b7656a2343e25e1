import type { Schedule } from '../calendar/index.ts';
import type { Target } from './target.ts';

/** Sounds for a purpose, by language; `*` for who has another. */
export type Spoken<Prompts> = Readonly<Record<string, Prompts>>;

/** What is said of the wait. `{position}`, `{from}` and `{to}` (minutes) stand for what is told; empty: not said. */
export interface WaitPrompts {
  readonly position: readonly string[];
  readonly wait: readonly string[];
  /** Said when there is nothing better to tell than before. */
  readonly still: readonly string[];
}

/** What callers who wait are told, between pieces of music. */
export interface Announcements {
  readonly firstAfterMs: number;
  readonly everyMs: number;
  /** Nobody further back is told a place. */
  readonly positionMax: number;
  /** Ends of the ranges in which waits are told, ascending; a longer wait is not told. */
  readonly waitStepsMs: readonly number[];
  readonly prompts: Spoken<WaitPrompts>;
}

/** What is said about a callback; `{number}` stands for the number. Empty: not said, and what it asks is not asked. */
export interface CallbackPrompts {
  readonly offer: readonly string[];
  /** 1 takes the number, 2 enters another, `*` goes back to waiting. */
  readonly confirm: readonly string[];
  /** A number and `#`; `*` goes back to waiting. */
  readonly enter: readonly string[];
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

/** `agentFirst`: an agent is reserved, then the customer dialled. `customerFirst`: the other way round. */
export type CallbackMode = 'agentFirst' | 'customerFirst';

/** A callback instead of waiting. */
export interface CallbackOffer {
  readonly key: string;
  /** Offered after so long a wait, or at once when so long a wait is expected. */
  readonly afterMs: number;
  readonly atWaitMs?: number;
  /** How long a caller may think about a question, and how often one is put. */
  readonly answerMs: number;
  readonly attempts: number;
  readonly mode: CallbackMode;
  /** `customerFirst`: the customer is dialled when so short a wait is left. */
  readonly leadMs: number;
  /** Nobody is called back sooner after having hung up. */
  readonly graceMs: number;
  /** One that was not possible by then is given up. */
  readonly keepMs: number;
  /** Callbacks of the queue that may wait. */
  readonly pendingMax: number;
  readonly prompts: Spoken<CallbackPrompts>;
}

/** What becomes of those who still wait at closing time. */
export interface AtClosing {
  readonly prompt: readonly string[];
  readonly target: Target;
}

/** When a queue is open, and what follows for those who come or wait outside of it. */
export interface QueueHours {
  readonly schedule: Schedule;
  /** What a caller who comes while it is closed hears, and where he goes then. */
  readonly afterHours: AtClosing;
  /** Who waits when it closes is served nevertheless, or goes where those go who come after hours. */
  readonly atClosing: 'serve' | 'afterHours';
}

/**
 * How far a caller has come with a callback. `offered`: the key counts. `confirm`, `entering`: asked for the number.
 * `checking`: whether it can be is asked. `sent`: the same for who was sent here by a rule, and is out of the queue
 * already. `accepted`: out of the queue, says goodbye. `refused`: it cannot be; the caller
 * waits on.
 */
export interface CallbackAsk {
  readonly stage: 'offered' | 'confirm' | 'entering' | 'checking' | 'sent' | 'accepted' | 'refused';
  /** Whom to call, as far as it was said. */
  readonly number: string;
  /** How often this question was put. */
  readonly asked: number;
}

/** Why a caller cannot be called back. `late`: nobody said so in time. */
export type CallbackRefusal = 'number' | 'doNotCall' | 'hours' | 'full' | 'unavailable' | 'late';

export type CallbackVerdict =
  | { readonly ok: true; readonly callbackId: string }
  | { readonly ok: false; readonly reason: CallbackRefusal };

/** What a caller who waits has been told and asked. */
export interface WaitState {
  /** Announcements so far; names the playback, so that a late end of one is not taken for that of the next. */
  readonly plays: number;
  /** What is heard now instead of music. */
  readonly hears?: 'announcement' | 'callback' | 'closing' | undefined;
  readonly toldPosition?: number | undefined;
  /** Upper end of the range that was told last. */
  readonly toldWaitMs?: number | undefined;
  /** Where the call stood when it was first counted; how fast it goes on from there is what others are told by. */
  readonly counted?: { readonly atMs: number; readonly ahead: number };
  readonly callback?: CallbackAsk | undefined;
  /** Queues that were closed to the caller one after another; the call's own among them: he is sent away from it. */
  readonly turnedFrom?: readonly string[] | undefined;
}

export const waitPlaybackIdOf = (callId: string, plays: number): string => `${callId}.wait${plays}`;

/** After this a prompt is cut, in case the PBX never tells of its end. */
export const waitPromptMaxMs = 60_000;

/** The prompts of a language, of its base (`en` for `en_GB`), or of all others; undefined when nothing is said. */
export function promptsFor<Prompts>(spoken: Spoken<Prompts>, language: string | undefined): Prompts | undefined {
  const own = language === undefined ? undefined : (find(spoken, language) ?? find(spoken, language.split(/[-_]/)[0]));
  return own ?? find(spoken, '*');
}

const find = <Prompts>(spoken: Spoken<Prompts>, language = ''): Prompts | undefined =>
  Object.hasOwn(spoken, language) ? spoken[language] : undefined;

/** Puts values into sounds such as `number:{position}`. */
export const spokenWith = (
  media: readonly string[],
  values: Readonly<Record<string, string | number>>,
): readonly string[] =>
  media.map((one) => one.replace(/\{(\w+)\}/g, (whole: string, name: string) => String(values[name] ?? whole)));
