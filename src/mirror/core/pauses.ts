/** Whether somebody takes no calls, and why; an empty reason is none. */
export interface Pause {
  readonly paused: boolean;
  readonly reason: string;
}

/** What an agent says of himself here. */
export interface Presence {
  readonly presence: 'signedOut' | 'available' | 'paused';
  readonly reason: string;
}

/** How it came to be: the agent `changed` it here, it was `learnt` from the PBX, or it `stands` as it was. */
export type PresenceNews = 'changed' | 'learnt' | 'stands';

/** One agent's place in one queue of the PBX. */
export interface Membership {
  readonly nodeId: string;
  readonly queue: string;
  readonly interface: string;
}

/** What was last agreed or excused: what differs from it has been changed since. `here`: undefined of who is signed out. */
export interface PauseBase {
  readonly pbx: Pause;
  readonly here?: Pause | undefined;
}

export type PauseOutput =
  /** Somebody has paused the agent at the PBX, or let him go on. */
  | { readonly kind: 'agentPause'; readonly agentId: string; readonly pause: Pause }
  /** The agent has paused here: the PBX must know. */
  | { readonly kind: 'memberPause'; readonly membership: Membership; readonly pause: Pause }
  /** Both sides as last compared; for the next start. */
  | { readonly kind: 'pauseSeen'; readonly agentId: string; readonly seen: PauseBase };

interface Held extends Pause {
  readonly membership: Membership;
  /** What we asked of the PBX and it has not said yet, oldest first. */
  asked: { readonly pause: Pause; readonly untilMs: number }[];
}

interface Known {
  readonly places: Map<string, Held>;
  base?: PauseBase | undefined;
  presence?: Presence | undefined;
}

/** Orders that may be on their way for one membership; the oldest is forgotten beyond. */
const askedMax = 16;

/**
 * The agents' pauses on both sides. An agent counts as paused at the PBX when every membership is, so that a pause in
 * one queue alone stays a matter of that queue. Whoever changed something last wins; what one side has learnt from the
 * other is never sent back.
 */
export class Pauses {
  private readonly agents = new Map<string, Known>();
  private readonly askedForMs: number;

  constructor(askedForMs: number) {
    this.askedForMs = askedForMs;
  }

  /** As kept over a restart; what cannot be read is as if nothing had been agreed. */
  restore(agentId: string, kept: object): void {
    const base = baseOf(kept);
    if (base) this.known(agentId).base = base;
  }

  /** As read from the PBX; `compare` follows. After a gap nothing is on its way any more. */
  read(agentId: string, membership: Membership, pause: Pause, afterGap: boolean): void {
    const { places } = this.known(agentId);
    const key = keyOf(membership);
    const asked = afterGap ? [] : (places.get(key)?.asked ?? []);
    places.set(key, { ...pause, membership, asked });
  }

  /** The PBX tells of a membership as it is now. */
  member(agentId: string, membership: Membership, pause: Pause, nowMs: number): PauseOutput[] {
    const known = this.known(agentId);
    const key = keyOf(membership);
    const before = known.places.get(key);
    const asked = (before?.asked ?? []).filter(({ untilMs }) => untilMs > nowMs);
    const answered = asked.findIndex((one) => same(one.pause, pause));
    // Its answers come in the order of what was asked.
    if (answered >= 0) asked.splice(0, answered + 1);
    known.places.set(key, { ...pause, membership, asked });
    // Who logs into one more queue is not let go on by that: what was agreed holds for it, too.
    if (before === undefined && !pause.paused) {
      const outputs = this.excused(agentId, known, pause, nowMs);
      return known.presence?.presence === 'paused' ? [...outputs, ...this.push(known, nowMs)] : outputs;
    }
    if (answered >= 0) return this.excused(agentId, known, pause, nowMs);
    if (asked.length > 0) return this.excused(agentId, known, known.base?.here, nowMs);
    return this.changed(agentId, known, nowMs);
  }

  /** Nobody has let the agent go on, or paused him: that others are gone says nothing of the rest. */
  removed(agentId: string, membership: Membership, nowMs: number): PauseOutput[] {
    const known = this.known(agentId);
    known.places.delete(keyOf(membership));
    return this.excused(agentId, known, hereOf(known), nowMs);
  }

  /** The PBX has not done this: nothing that comes is its echo. */
  failed(agentId: string, membership: Membership, pause: Pause): void {
    const place = this.agents.get(agentId)?.places.get(keyOf(membership));
    const at = place?.asked.findIndex((one) => same(one.pause, pause)) ?? -1;
    if (place && at >= 0) place.asked = place.asked.toSpliced(at, 1);
  }

  presence(agentId: string, presence: Presence, news: PresenceNews, nowMs: number): PauseOutput[] {
    const known = this.known(agentId);
    const before = known.presence;
    known.presence = presence;
    if (news === 'stands') return [];
    const { base } = known;
    if (base && (news === 'learnt' || presence.presence === 'signedOut')) {
      return this.see(agentId, known, { pbx: base.pbx, here: hereOf(known) });
    }
    if (news === 'learnt' || presence.presence === 'signedOut') return [];
    if (before && before.presence === presence.presence && before.reason === presence.reason) return [];
    return this.push(known, nowMs);
  }

  /**
   * After a reading, when every membership has been told: both sides are compared with what was last agreed. What
   * somebody changed at the PBX meanwhile is taken over, else what the agent changed here is sent. Where nothing is
   * known, who is paused on one side is paused.
   */
  compare(agentIds: Iterable<string>, nowMs: number): PauseOutput[] {
    return [...agentIds].flatMap((agentId) => this.compareOne(agentId, nowMs));
  }

  private compareOne(agentId: string, nowMs: number): PauseOutput[] {
    const known = this.known(agentId);
    const pbx = together(known);
    const { base, presence } = known;
    if (!pbx || !presence) return [];
    const here = hereOf(known);
    if (!here || same(here, pbx)) return this.see(agentId, known, { pbx, here });
    const takesTheirs = base ? !same(base.pbx, pbx) : pbx.paused;
    if (takesTheirs) return [...this.see(agentId, known, { pbx, here }), ...tell(agentId, pbx)];
    if (base?.here && same(base.here, here)) return this.see(agentId, known, { pbx, here });
    // Until the PBX has done it, it is not agreed, and sent again after the next reading.
    return [...this.see(agentId, known, { pbx, here: base?.here }), ...this.push(known, nowMs)];
  }

  /** What is not somebody's doing at the PBX: it is seen, with what belongs to it here, and nobody is told. */
  private excused(agentId: string, known: Known, here: Pause | undefined, nowMs: number): PauseOutput[] {
    const pbx = together(known);
    if (!pbx || !known.presence) return [];
    if (!known.base) return this.compareOne(agentId, nowMs);
    return same(known.base.pbx, pbx) ? [] : this.see(agentId, known, { pbx, here });
  }

  private changed(agentId: string, known: Known, nowMs: number): PauseOutput[] {
    const pbx = together(known);
    const { base } = known;
    // Before the first reading nobody has been compared yet; that is done then.
    if (!pbx || !known.presence || (base && same(base.pbx, pbx))) return [];
    if (!base) return this.compareOne(agentId, nowMs);
    const here = hereOf(known);
    const outputs = this.see(agentId, known, { pbx, here });
    return !here || same(here, pbx) ? outputs : [...outputs, ...tell(agentId, pbx)];
  }

  private see(agentId: string, known: Known, base: PauseBase): PauseOutput[] {
    const before = known.base;
    if (before && same(before.pbx, base.pbx) && sameOrNone(before.here, base.here)) return [];
    known.base = base;
    return [{ kind: 'pauseSeen', agentId, seen: base }];
  }

  private push(known: Known, nowMs: number): PauseOutput[] {
    const pause = hereOf(known);
    if (!pause) return [];
    return [...known.places.values()].flatMap((place) => {
      const asked = place.asked.filter(({ untilMs }) => untilMs > nowMs);
      if (same(asked.at(-1)?.pause ?? place, pause)) return [];
      place.asked = [...asked, { pause, untilMs: nowMs + this.askedForMs }].slice(-askedMax);
      return [{ kind: 'memberPause' as const, membership: place.membership, pause }];
    });
  }

  private known(agentId: string): Known {
    const known = this.agents.get(agentId) ?? { places: new Map() };
    this.agents.set(agentId, known);
    return known;
  }
}

/** An older version kept only what the PBX had said. */
function baseOf(kept: object): PauseBase | undefined {
  if (isPause(kept)) return { pbx: kept };
  const { pbx, here } = kept as { readonly pbx?: unknown; readonly here?: unknown };
  return isPause(pbx) ? { pbx, here: isPause(here) ? here : undefined } : undefined;
}

function isPause(value: unknown): value is Pause {
  const { paused, reason } = (value ?? {}) as { readonly paused?: unknown; readonly reason?: unknown };
  return typeof paused === 'boolean' && typeof reason === 'string';
}

const tell = (agentId: string, pause: Pause): PauseOutput[] => [{ kind: 'agentPause', agentId, pause }];

/** Undefined while nobody is signed in: what he says next is news. */
function hereOf({ presence }: Known): Pause | undefined {
  if (!presence || presence.presence === 'signedOut') return undefined;
  return { paused: presence.presence === 'paused', reason: presence.reason };
}

/** Of all memberships together: paused when all are, with a reason that one of them has; undefined for none. */
function together({ places }: Known): Pause | undefined {
  const all = [...places.values()];
  if (all.length === 0) return undefined;
  if (!all.every(({ paused }) => paused)) return { paused: false, reason: '' };
  return { paused: true, reason: all.findLast(({ reason }) => reason !== '')?.reason ?? '' };
}

/** Who is not paused has no reason. */
const same = (a: Pause, b: Pause): boolean => a.paused === b.paused && (!a.paused || a.reason === b.reason);

const sameOrNone = (a: Pause | undefined, b: Pause | undefined): boolean => (a && b ? same(a, b) : a === b);

const keyOf = ({ nodeId, queue, interface: name }: Membership): string => `${nodeId} ${queue} ${name}`;
