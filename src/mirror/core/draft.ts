import { type CustomerResult, type OfferOutcome, outcomeOfCause } from '../../call/index.ts';
import type { CallerLeg } from './facts.ts';
import type { MirroredQueue } from './members.ts';
import type { MirroredCall, MirroredEnd, MirroredEvent, MirroredOffer, MirroredTold, Party } from './call.ts';

/** Answered by another phone that rang: Asterisk's own cause. */
const answeredElsewhere = 26;

/** Collects what one input does to a mirrored call; lives no longer than that. */
export class MirroredDraft {
  call: MirroredCall;
  readonly told: MirroredTold[] = [];
  private readonly atMs: number;

  constructor(call: MirroredCall, atMs: number) {
    this.call = call;
    this.atMs = atMs;
  }

  static begin(
    id: string,
    { id: queueId, nodeId }: Pick<MirroredQueue, 'id' | 'nodeId'>,
    { uniqueId, callerNumber, dialledNumber }: CallerLeg,
    atMs: number,
    waitedMs = 0,
  ): MirroredDraft {
    const sinceMs = atMs - waitedMs;
    const draft = new MirroredDraft(
      {
        id,
        version: 0,
        nodeId,
        uniqueId,
        callerNumber,
        dialledNumber,
        phase: 'arriving',
        phaseSinceMs: atMs,
        queueId,
        enteredAtMs: sinceMs,
        queuedAtMs: sinceMs,
        attempts: 0,
        offers: [],
      },
      atMs,
    );
    draft.tell({ type: 'call.arrived.v1' });
    draft.queued(queueId, 'arrived');
    return draft;
  }

  /** In a queue: the first one, another one, or the same one again. */
  queued(queueId: string, reason: 'arrived' | 'overflow' | 'returned'): void {
    this.endOffers('callerLeft');
    this.enter('waiting', { queueId, leftAtMs: undefined });
    this.tell({ type: 'call.queued.v1', reason });
  }

  knows(customer: CustomerResult, late: boolean): void {
    this.change({ customer });
    this.tell({ type: 'call.customer.updated.v1', customer, late });
    for (const offer of this.call.offers) if (!offer.told) this.pop(offer);
  }

  rings(party: Party, dialled: string, legId: string): void {
    const again = this.call.offers.find((offer) => offer.interface === dialled);
    if (again) this.endOffer(again, 'noAnswer');
    const attempt = this.call.attempts + 1;
    const offer = { party, interface: dialled, legId, attempt, sinceMs: this.atMs, told: false };
    this.change({ attempts: attempt });
    this.offers([...this.call.offers, offer]);
    if (this.call.customer) this.pop(offer);
  }

  /** The phone rings no more; a cause that says why ends the offer at once, else what follows does. */
  stopped(offer: MirroredOffer, why: { readonly cause?: number; readonly unanswered?: true }): void {
    const { cause, unanswered } = { ...offer.over, ...why };
    if (cause === answeredElsewhere) return this.endOffer(offer, 'rescinded');
    const speaksForItself = cause !== undefined && outcomeOfCause(cause) !== 'noAnswer';
    if (cause !== undefined && (speaksForItself || unanswered)) return this.endOffer(offer, outcomeOfCause(cause));
    const over = { sinceMs: offer.over?.sinceMs ?? this.atMs, ...offer.over, ...why };
    this.change({ offers: this.call.offers.map((one) => (one === offer ? { ...offer, over } : one)) });
  }

  endOffer(offer: MirroredOffer, outcome: OfferOutcome): void {
    this.offers(this.call.offers.filter(({ legId }) => legId !== offer.legId));
    // Of what was never shown nothing need be taken away.
    if (offer.told) this.tell({ type: 'call.offer.ended.v1', offer, outcome });
  }

  endOffers(outcome: OfferOutcome): void {
    for (const offer of this.call.offers) {
      const { cause, unanswered } = offer.over ?? {};
      this.endOffer(offer, unanswered && cause !== undefined ? outcomeOfCause(cause) : outcome);
    }
  }

  connects(party: Party, dialled: string, legId: string): void {
    let mine = this.offerOf(legId);
    if (!mine) {
      this.rings(party, dialled, legId);
      mine = this.offerOf(legId);
    }
    if (mine && !mine.told) this.pop(mine);
    const sinceMs = mine?.sinceMs ?? this.atMs;
    this.change({ offers: this.call.offers.filter((offer) => offer.legId !== legId) });
    this.endOffers('rescinded');
    const waitedMs = this.waitedMs();
    this.enter('talking', { talk: { party, dialled, legId, sinceMs: this.atMs, waitedMs }, leftAtMs: undefined });
    this.tell({ type: 'call.answered.v1', agentId: party.id, ringMs: this.atMs - sinceMs, waitedMs });
    this.tell({ type: 'call.connected.v1', agentId: party.id, waitedMs });
  }

  /** The same by another channel; nothing is told of it. */
  rename(part: Pick<MirroredCall, 'uniqueId'> | Pick<MirroredCall, 'talk'>): void {
    this.change(part);
  }

  /** Out of the queue: nobody is rung any more when `unanswered`. */
  leaves(unanswered: boolean): void {
    if (this.call.leftAtMs === undefined) this.change({ leftAtMs: this.atMs });
    if (unanswered) this.endOffers('callerLeft');
  }

  end(reason: MirroredEnd): void {
    this.endOffers('callerLeft');
    const { talk, attempts } = this.call;
    const waitedMs = talk?.waitedMs ?? this.waitedMs();
    this.enter('ended');
    this.tell({
      type: 'call.ended.v1',
      reason,
      waitedMs,
      talkMs: talk ? Math.max(0, this.atMs - talk.sinceMs) : 0,
      attempts,
    });
  }

  offerOf(legId: string): MirroredOffer | undefined {
    return this.call.offers.find((offer) => offer.legId === legId);
  }

  private pop(offer: MirroredOffer): void {
    const shown = { ...offer, told: true };
    this.change({ offers: this.call.offers.map((one) => (one.legId === offer.legId ? shown : one)) });
    this.tell({ type: 'call.offered.v1', offer: shown, waitedMs: this.waitedMs() });
  }

  private waitedMs(): number {
    return Math.max(0, this.atMs - this.call.queuedAtMs);
  }

  private offers(offers: readonly MirroredOffer[]): void {
    const phase = offers.length > 0 ? 'offering' : 'waiting';
    const isIn = this.call.phase === 'waiting' || this.call.phase === 'offering';
    if (isIn && this.call.phase !== phase) this.enter(phase, { offers });
    else this.change({ offers });
  }

  private change(part: Partial<MirroredCall>): void {
    this.call = { ...this.call, ...part };
  }

  private enter(phase: MirroredCall['phase'], part: Partial<MirroredCall> = {}): void {
    this.change({ ...part, phase, phaseSinceMs: this.atMs });
  }

  private tell(event: MirroredEvent): void {
    this.change({ version: this.call.version + 1 });
    this.told.push({ call: this.call, event });
  }
}
