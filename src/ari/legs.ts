import type { PbxFact } from '../call/index.ts';
import type { Channel } from './generated/models.ts';

/** First argument of `Stasis` on legs that we dialled; it tells them from callers, also after a restart of ours. */
export const DIALLED_MARK = 'ringmaster-dialled';

/** Normal clearing: what a hangup means when the PBX gives no better cause. */
const CAUSE_NORMAL = 16;
/** Asterisk's flag for "hung up by command", which it passes on where a Q.850 cause belongs. */
const SOFT_HANGUP_FLAG = 32;
const CAUSE_OF_DIAL_STATUS: Readonly<Record<string, number>> = {
  BUSY: 17,
  NOANSWER: 19,
  CHANUNAVAIL: 20,
  CONGESTION: 34,
};

type WithoutStamp<Fact> = Fact extends unknown ? Omit<Fact, 'nodeId' | 'atMs'> : never;
/** A fact before node and time are put on it. */
export type BareFact = WithoutStamp<PbxFact>;

interface Leg {
  readonly dialled: boolean;
  /** In our application: others can be joined to it. */
  readonly entered: boolean;
  answered: boolean;
  /** The dialplan was asked to take it over. */
  leaving: boolean;
  /** It left our application; whether it lives on is being found out. */
  away: boolean;
  hangupCause?: number;
  dialStatus?: string;
}

/**
 * The legs that are ours on one PBX: what is needed to tell an end from a departure. A caller's leg that hangs up may
 * never send ChannelDestroyed, a dialled one always does, and both send StasisEnd as one that merely left does.
 */
export class LegBook {
  private readonly legs = new Map<string, Leg>();
  private readonly legsMax: number;

  constructor(legsMax: number) {
    this.legsMax = legsMax;
  }

  get size(): number {
    return this.legs.size;
  }

  has(legId: string): boolean {
    return this.legs.has(legId);
  }

  isAway(legId: string): boolean {
    return this.legs.get(legId)?.away ?? false;
  }

  /** Adds a leg; over the limit the oldest is forgotten, whose end will then be found by the next snapshot. */
  add(legId: string, { dialled, entered, answered }: Pick<Leg, 'dialled' | 'entered' | 'answered'>): void {
    const { value: oldest } = this.legs.keys().next();
    if (this.legs.size >= this.legsMax && oldest !== undefined) this.legs.delete(oldest);
    this.legs.set(legId, { dialled, entered, answered, leaving: false, away: false });
  }

  forget(legId: string): void {
    this.legs.delete(legId);
  }

  clear(): void {
    this.legs.clear();
  }

  setLeaving(legId: string, leaving: boolean): void {
    const leg = this.legs.get(legId);
    if (leg) leg.leaving = leaving;
  }

  noteHangup(legId: string, cause: number): void {
    const leg = this.legs.get(legId);
    if (leg) leg.hangupCause = cause;
  }

  noteDialStatus(legId: string, status: string): void {
    const leg = this.legs.get(legId);
    if (leg && status !== '') leg.dialStatus = status;
  }

  stateChanged(legId: string, state: string): BareFact[] {
    const leg = this.legs.get(legId);
    if (!leg || leg.answered) return [];
    if (state === 'Ringing') return leg.dialled ? [{ kind: 'legRinging', legId }] : [];
    // A leg that we dialled enters our application when it is answered; until then nobody can be joined to it.
    if (state !== 'Up' || !leg.entered) return [];
    leg.answered = true;
    return [{ kind: 'legAnswered', legId }];
  }

  /** It left our application. `undefined`: whether it lives on is not known yet; ask the PBX. */
  left(legId: string): BareFact[] | undefined {
    const leg = this.legs.get(legId);
    if (!leg) return [];
    const { dialled, hangupCause, leaving } = leg;
    if (hangupCause !== undefined && !dialled) return this.ended(legId, hangupCause);
    if (hangupCause === undefined && leaving) return this.gone(legId, true);
    leg.away = true;
    return undefined;
  }

  /** What asking the PBX has shown. */
  gone(legId: string, livesOn: boolean): BareFact[] {
    const leg = this.legs.get(legId);
    if (!leg) return [];
    if (!livesOn) return this.ended(legId, leg.hangupCause ?? 0);
    this.legs.delete(legId);
    return [{ kind: 'legLeft', legId }];
  }

  ended(legId: string, cause: number): BareFact[] {
    const leg = this.legs.get(legId);
    if (!leg) return [];
    this.legs.delete(legId);
    return [{ kind: 'legEnded', legId, cause: causeOf([cause, leg.hangupCause ?? 0], leg.dialStatus) }];
  }
}

/**
 * A Q.850 cause from what the PBX said. Now and then ChannelDestroyed says "normal clearing" of a leg whose hangup
 * request had the true cause (two threads of Asterisk race), so the first that says more than that counts.
 */
function causeOf(said: readonly number[], dialStatus: string | undefined): number {
  const valid = said.filter(
    (cause) => Number.isInteger(cause) && cause > 0 && cause <= 127 && cause !== SOFT_HANGUP_FLAG,
  );
  const telling = valid.find((cause) => cause !== CAUSE_NORMAL) ?? CAUSE_OF_DIAL_STATUS[dialStatus ?? ''];
  return telling ?? CAUSE_NORMAL;
}

export const isAnswered = (channel: Channel): boolean => channel.state === 'Up';
