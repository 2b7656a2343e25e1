import { becomesTrue, fictionalMobile, type SipCall, SipCaller } from '../../lab/index.ts';
import { dialled, type Purpose, type TakeoverSite } from './site.ts';

/** So short that a hundred agents carry twenty calls a second. */
const newTalkMs = 1_500;
const establishMs = 60_000;
/** A new caller who hears neither an agent nor the fallback for so long is lost. */
const patienceMs = 45_000;

export interface Placed {
  readonly number: string;
  readonly placedAtMs: number;
  readonly sip: SipCall;
  over: boolean;
}

/** The callers of one scenario; each has a number of its own, by which the PBX is asked about them. */
export class Callers implements AsyncDisposable {
  readonly talking: Placed[] = [];
  readonly waiting: Placed[] = [];
  readonly fresh: Placed[] = [];
  private readonly site: TakeoverSite;
  private readonly caller: SipCaller;
  private next = 1;
  private ticking: NodeJS.Timeout | undefined;

  private constructor(site: TakeoverSite, caller: SipCaller) {
    this.site = site;
    this.caller = caller;
  }

  static async open(site: TakeoverSite): Promise<Callers> {
    return new Callers(site, await SipCaller.open(site.asterisk));
  }

  /** So many callers talk, so many wait for agents who are not there yet. */
  async establish(talking: number, waiting: number): Promise<void> {
    const { watch } = this.site;
    await this.placeMany('talk', this.talking, talking);
    await this.until(() => this.talking.every(({ number }) => watch.isWithAgent(number)), 'talking');
    await this.placeMany('wait', this.waiting, waiting);
    await this.until(() => this.waiting.every(({ number }) => watch.waiting.has(number)), 'waiting');
  }

  startNew(ratePerSecond: number): void {
    this.ticking = setInterval(() => this.fresh.push(this.place('new', newTalkMs)), 1_000 / ratePerSecond);
  }

  /** No more new calls; resolves when those that there are are over. */
  async endNew(): Promise<void> {
    clearInterval(this.ticking);
    await Promise.all(this.fresh.map(({ sip }) => sip.ended));
  }

  /** How long from INVITE to an agent, of each new call that was placed between two moments and got one. */
  answerTimesMs(fromMs: number, untilMs: number): number[] {
    const { connectedAtMs } = this.site.watch;
    return this.fresh.flatMap(({ number, placedAtMs }) => {
      const connected = connectedAtMs.get(number);
      return connected !== undefined && placedAtMs >= fromMs && placedAtMs <= untilMs ? [connected - placedAtMs] : [];
    });
  }

  /** When the first new call that was placed after a moment was with an agent. */
  servedAfterMs(sinceMs: number): number | undefined {
    const { connectedAtMs } = this.site.watch;
    const later = this.fresh.filter(({ placedAtMs }) => placedAtMs >= sinceMs);
    const times = later.flatMap(({ number }) => connectedAtMs.get(number) ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async hangUpAll(): Promise<void> {
    const all = [...this.talking, ...this.waiting, ...this.fresh];
    for (const { sip } of all) sip.hangUp();
    await Promise.all(all.map(({ sip }) => sip.ended));
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.ticking);
    return this.caller.close();
  }

  private async placeMany(purpose: Purpose, into: Placed[], count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      into.push(this.place(purpose));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  private place(purpose: Purpose, holdMs?: number): Placed {
    const number = fictionalMobile(this.next);
    this.next += 1;
    const sip = this.caller.call({
      target: dialled(purpose),
      callerNumber: number,
      deadlineMs: patienceMs,
      ...(holdMs === undefined ? {} : { holdMs }),
    });
    const placed: Placed = { number, placedAtMs: performance.now(), sip, over: false };
    void sip.ended.then(() => {
      placed.over = true;
    });
    return placed;
  }

  private async until(condition: () => boolean, what: string): Promise<void> {
    if (!(await becomesTrue(condition, establishMs))) throw new Error(`not all callers came to be ${what}`);
  }
}
