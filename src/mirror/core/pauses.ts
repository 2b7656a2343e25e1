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

/** One agent's place in one queue of the PBX. */
export interface Membership {
  readonly nodeId: string;
  readonly queue: string;
  readonly interface: string;
}

export type PauseOutput =
  /** Somebody has paused the agent at the PBX, or let him go on. */
  | { readonly kind: 'agentPause'; readonly agentId: string; readonly pause: Pause }
  /** The agent has paused here: the PBX must know. */
  | { readonly kind: 'memberPause'; readonly membership: Membership; readonly pause: Pause }
  /** What the PBX last said of the agent; for the next start. */
  | { readonly kind: 'pauseSeen'; readonly agentId: string; readonly seen: Pause };

interface Held extends Pause {
  readonly membership: Membership;
  /** What we asked of the PBX and it has not said yet, oldest first. */
  asked: { readonly pause: Pause; readonly untilMs: number }[];
}

interface Known {
  readonly places: Map<string, Held>;
  /** What the PBX last said: the base against which both sides are compared. */
  seen?: Pause | undefined;
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

  /** As kept over a restart. */
  restore(agentId: string, seen: Pause): void {
    this.known(agentId).seen = seen;
  }

  /** As read from the PBX after a gap; `compare` follows. */
  read(agentId: string, membership: Membership, pause: Pause): void {
    this.known(agentId).places.set(keyOf(membership), { ...pause, membership, asked: [] });
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
    // Who logs into one more queue is not let go on by that.
    const joins = before === undefined && !pause.paused;
    const outputs = this.changed(agentId, known, joins || answered >= 0 || asked.length > 0, nowMs);
    return joins && known.presence?.presence === 'paused' ? [...outputs, ...this.push(known, nowMs)] : outputs;
  }

  removed(agentId: string, membership: Membership, nowMs: number): PauseOutput[] {
    const known = this.known(agentId);
    known.places.delete(keyOf(membership));
    // Nobody has let the agent go on: that others are gone says nothing of the rest.
    return this.changed(agentId, known, true, nowMs);
  }

  /** The agent changed here. `learnt`: by what the PBX said. */
  presence(agentId: string, presence: Presence, learnt: boolean, nowMs: number): PauseOutput[] {
    const known = this.known(agentId);
    const before = known.presence;
    known.presence = presence;
    if (learnt || presence.presence === 'signedOut') return [];
    if (before && before.presence === presence.presence && before.reason === presence.reason) return [];
    return this.push(known, nowMs);
  }

  /**
   * After a gap, when every membership has been told: both sides are compared with what was last agreed. What somebody
   * changed at the PBX meanwhile is taken over, else what the agent changed here is sent. Where nothing is known, who is
   * paused on one side is paused.
   */
  compare(agentIds: Iterable<string>, nowMs: number): PauseOutput[] {
    return [...agentIds].flatMap((agentId) => this.compareOne(agentId, nowMs));
  }

  private compareOne(agentId: string, nowMs: number): PauseOutput[] {
    const known = this.known(agentId);
    const pbx = together(known);
    const { seen: base, presence } = known;
    if (!pbx || !presence) return [];
    const outputs = this.see(agentId, known, pbx);
    if (presence.presence === 'signedOut') return outputs;
    const here: Pause = { paused: presence.presence === 'paused', reason: presence.reason };
    if (same(here, pbx)) return outputs;
    const takesTheirs = base ? !same(base, pbx) : pbx.paused;
    return [...outputs, ...(takesTheirs ? tell(agentId, pbx) : this.push(known, nowMs))];
  }

  private changed(agentId: string, known: Known, ownDoing: boolean, nowMs: number): PauseOutput[] {
    const pbx = together(known);
    const { presence } = known;
    // Before the first reading nobody has been compared yet; that is done then.
    if (!pbx || !presence || (known.seen && same(known.seen, pbx))) return [];
    if (!known.seen) return this.compareOne(agentId, nowMs);
    const outputs = this.see(agentId, known, pbx);
    if (ownDoing || presence.presence === 'signedOut') return outputs;
    if (same({ paused: presence.presence === 'paused', reason: presence.reason }, pbx)) return outputs;
    return [...outputs, ...tell(agentId, pbx)];
  }

  private see(agentId: string, known: Known, seen: Pause): PauseOutput[] {
    if (known.seen && same(known.seen, seen)) return [];
    known.seen = seen;
    return [{ kind: 'pauseSeen', agentId, seen }];
  }

  private push({ places, presence }: Known, nowMs: number): PauseOutput[] {
    if (!presence) return [];
    const pause: Pause = { paused: presence.presence === 'paused', reason: presence.reason };
    return [...places.values()].flatMap((place) => {
      const last = place.asked.at(-1)?.pause ?? place;
      if (same(last, pause)) return [];
      place.asked = [...place.asked, { pause, untilMs: nowMs + this.askedForMs }].slice(-askedMax);
      return [{ kind: 'memberPause' as const, membership: place.membership, pause }];
    });
  }

  private known(agentId: string): Known {
    const known = this.agents.get(agentId) ?? { places: new Map() };
    this.agents.set(agentId, known);
    return known;
  }
}

const tell = (agentId: string, pause: Pause): PauseOutput[] => [{ kind: 'agentPause', agentId, pause }];

/** Of all memberships together: paused when all are, with a reason that one of them has; undefined for none. */
function together({ places }: Known): Pause | undefined {
  const all = [...places.values()];
  if (all.length === 0) return undefined;
  if (!all.every(({ paused }) => paused)) return { paused: false, reason: '' };
  return { paused: true, reason: all.findLast(({ reason }) => reason !== '')?.reason ?? '' };
}

/** Who is not paused has no reason. */
const same = (a: Pause, b: Pause): boolean => a.paused === b.paused && (!a.paused || a.reason === b.reason);

const keyOf = ({ nodeId, queue, interface: name }: Membership): string => `${nodeId} ${queue} ${name}`;
