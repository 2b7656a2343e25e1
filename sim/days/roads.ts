import type { Fate, RequestFate, Weather } from '../pbx/weather.ts';
import type { Chance } from './chance.ts';

/** What is wrong with a way at the moment; shares are probabilities for each message. */
export interface Trouble {
  slowMs: number;
  silent: boolean;
  lost: number;
  twice: number;
  /** Answers lag behind the events that they brought about. */
  answerLagMs: number;
  unanswered: number;
  ignored: number;
  failed: number;
  refused: number;
}

export const noTrouble = (): Trouble => ({
  slowMs: 0,
  silent: false,
  lost: 0,
  twice: 0,
  answerLagMs: 0,
  unanswered: 0,
  ignored: 0,
  failed: 0,
  refused: 0,
});

/** What Asterisk may say of a phone or a bridge that is there after all; of a caller it never says that. */
const refusable = new Set(['channels.originateWithId', 'bridges.addChannel', 'bridges.record']);
/** Reading is repeated until it succeeds, so that failing it only makes a break longer. */
const isDeed = (operation: string): boolean => !/\.(get|list|filter|getChannelVar)$/.test(operation);

/** The way between server and PBX, with a little jitter on a good day and trouble on a bad one. */
export class Road implements Weather {
  trouble = noTrouble();
  private readonly chance: Chance;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  requestMs(): number {
    return this.travelMs();
  }

  answerMs(): number {
    const lag = this.trouble.answerLagMs;
    return this.travelMs() + (lag > 0 ? this.chance.between(0, lag) : 0);
  }

  eventMs(): number {
    return this.travelMs();
  }

  event(): Fate {
    const { lost, twice } = this.trouble;
    if (lost > 0 && this.chance.is(lost)) return 'lost';
    return twice > 0 && this.chance.is(twice) ? 'twice' : 'arrives';
  }

  request(operation: string): RequestFate {
    const { unanswered, ignored, failed, refused } = this.trouble;
    if (unanswered + ignored + failed + refused === 0 || !isDeed(operation)) return 'done';
    const drawn = this.chance.rng.next();
    if (drawn < unanswered) return 'unanswered';
    if (drawn < unanswered + ignored) return 'ignored';
    if (drawn < unanswered + ignored + failed) return 'failed';
    return drawn < unanswered + ignored + failed + refused && refusable.has(operation) ? 'refused' : 'done';
  }

  isSilent(): boolean {
    return this.trouble.silent;
  }

  isReachable(): boolean {
    return !this.trouble.silent;
  }

  private travelMs(): number {
    return this.chance.between(0.1, 0.5) + (this.trouble.slowMs > 0 ? this.chance.between(0, this.trouble.slowMs) : 0);
  }
}
