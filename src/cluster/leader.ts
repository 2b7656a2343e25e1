import { type Clock, errorText, type Logger, type Timer, within } from '../kernel/index.ts';
import { Authority } from './authority.ts';
import type { Clue, Deed, StepDownReason } from './clues.ts';
import { begin, type Leadership, nextTickMs, type Role, type Terms, turn } from './leadership.ts';
import type { Lease, LeaseHolder, Ownership, OwnershipView, ShardStore } from './ports.ts';

/** What an instance is for others while it is one thing or the other. */
export interface Seat {
  /** Leaves at once, without a word to the PBX; resolves when its port is free. */
  abandon(): Promise<void>;
}

export interface OwnerSeat extends Seat {
  /** Stops in order and writes down everything; no caller hears of it. Resolves when the next owner may begin. */
  handOver(deadlineMs: number): Promise<void>;
  /** After `handOver`: stays in the PBX's sight until the next owner is seen there, or the deadline. */
  linger(deadlineMs: number): Promise<void>;
  /** Ends as a server that runs alone does. */
  drain(): Promise<void>;
}

/** A term of an owner: what it must hold against its writes, and whom it tells when it is over. */
export interface Term {
  readonly token: number;
  readonly authority: Authority;
  /** Aborted when the term is over, also while the seat is being taken. */
  readonly signal: AbortSignal;
  /** A write was refused: another instance has the newest token. */
  onFenced(): void;
  /** A PBX gave our application name to another server. */
  onReplaced(): void;
  /** Resolves when a PBX has done so, or after the deadline. */
  replaced(deadlineMs: number): Promise<void>;
}

export interface Seats {
  standBy(owner: OwnershipView): Promise<Seat>;
  /** The standby's seat is left when the owner's is as good as taken: `leave` frees its port. */
  own(term: Term, leave: () => Promise<void>): Promise<OwnerSeat>;
}

export interface LeaderParts {
  readonly lease: Lease;
  readonly shards: ShardStore;
  readonly seats: Seats;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each change of role. */
  readonly onRole?: (role: Role) => void;
  /** Told when another instance owns what we owned. */
  readonly onLost?: (reason: StepDownReason) => void;
}

export interface LeaderOptions extends Terms {
  readonly shard: string;
  /** Makes the terms of this process different from those of its life before. */
  readonly life: string;
  /** An answer about the lease counts as missing after this. */
  readonly deadlineMs: number;
  readonly handOverMs: number;
}

/** Carries out what `leadership.ts` decides: asks Redis and PostgreSQL, and changes seats, one change at a time. */
export class Leader implements OwnershipView {
  /** Resolves when told to stop and done. */
  readonly ended: Promise<void>;
  /** Rejects when the server of a role cannot be started; the lease is given back. */
  readonly failed: Promise<never>;
  private readonly parts: LeaderParts;
  private readonly options: LeaderOptions;
  private state: Leadership;
  private timer: Timer | undefined;
  private seat: Seat | undefined;
  private owner: OwnerSeat | undefined;
  private term: { readonly authority: Authority; readonly abort: AbortController } | undefined;
  /** Another instance goes on, and the PBX must not miss us before it is there. */
  private handsOver = false;
  private work: Promise<void> = Promise.resolve();
  private readonly settle: { readonly ended: () => void; readonly failed: (error: unknown) => void };

  constructor(options: LeaderOptions, parts: LeaderParts) {
    this.options = options;
    this.parts = parts;
    this.state = begin(options, options.life, parts.clock.nowMs());
    const ended = Promise.withResolvers<void>();
    const failed = Promise.withResolvers<never>();
    this.ended = ended.promise;
    this.failed = failed.promise;
    this.settle = { ended: ended.resolve, failed: failed.reject };
    parts.lease.onReleased(() => this.hear({ kind: 'released' }));
  }

  /** Stands by first; resolves when it does. */
  async start(): Promise<void> {
    this.seat = await this.parts.seats.standBy(this);
    this.parts.onRole?.('standby');
    this.hear({ kind: 'tick' });
  }

  /** Gives the shard away in order, or ends like a server that runs alone when nobody stands by. */
  stop(): void {
    this.hear({ kind: 'stop' });
  }

  current(): Ownership | undefined {
    const { holder, role } = this.state;
    const { instanceId, url } = this.options;
    if (role === 'owner') return { instanceId, url };
    return holder && holder.token > 0 ? holder : undefined;
  }

  private hear(clue: Clue): void {
    const before = this.state;
    const { state, deeds } = turn(before, clue, this.options, this.parts.clock.nowMs());
    this.state = state;
    if (state.role !== before.role) this.changed(before, state);
    this.term?.authority.confirm(state);
    for (const deed of deeds) this.carryOut(deed);
    this.timer?.cancel();
    const waitMs = nextTickMs(this.state) - this.parts.clock.nowMs();
    if (this.state.role === 'ended' || !Number.isFinite(waitMs)) return;
    this.timer = this.parts.clock.after(Math.max(1, waitMs), () => this.hear({ kind: 'tick' }));
  }

  private changed(before: Leadership, { role, token }: Leadership): void {
    const { logger, onRole } = this.parts;
    const { shard } = this.options;
    if (role !== 'candidate') logger.info({ shard, role, fence: token || before.token }, 'role in the cluster');
    onRole?.(role);
  }

  private carryOut(deed: Deed): void {
    switch (deed.kind) {
      case 'look':
        return void this.look(deed.standsBy);
      case 'claim':
        return void this.claim(deed.holder);
      case 'read':
        return void this.read(this.state.term);
      case 'take':
        return void this.take(deed.expected, deed.term);
      case 'release':
        return void this.parts.lease.release(deed.term).catch(() => undefined);
      case 'serve':
        return this.serve(deed.token);
      case 'stepDown':
        this.parts.logger.warn({ reason: deed.reason }, 'another instance owns the shard; we stop and stand by');
        this.parts.onLost?.(deed.reason);
        return this.standByAgain();
      case 'handOver':
        this.handsOver = true;
        return this.leave((owner) => owner.handOver(this.options.handOverMs));
      case 'drain':
        return this.leave((owner) => owner.drain());
      case 'end':
        return this.end();
    }
  }

  private async look(standsBy: boolean): Promise<void> {
    const answer = await this.answerOf(this.parts.lease.look(standsBy));
    this.hear({ kind: 'looked', answer });
  }

  private async claim(holder: LeaseHolder): Promise<void> {
    const sentAtMs = this.parts.clock.nowMs();
    const answer = await this.answerOf(this.parts.lease.claim(holder));
    this.hear({ kind: 'claimed', term: holder.term, sentAtMs, answer });
  }

  private async read(term: string): Promise<void> {
    const sentAtMs = this.parts.clock.nowMs();
    const asked = this.parts.shards.owner(this.options.shard).then((owner) => ({ owner }));
    const answer = await this.answerOf(asked);
    this.hear({ kind: 'read', term, sentAtMs, answer });
  }

  private async take(expected: number, term: string): Promise<void> {
    const { shard, instanceId, url } = this.options;
    const { shards, clock } = this.parts;
    const asked = shards.take(shard, expected, { term, instanceId, url }, clock.nowMs()).then((token) => ({ token }));
    this.hear({ kind: 'took', term, answer: await this.answerOf(asked) });
  }

  /** Undefined when it failed or took too long. */
  private answerOf<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
    const answer = asked.catch(() => undefined);
    // Twice what Redis gets of itself: PostgreSQL waits for the commits under way.
    return within(this.parts.clock, this.options.deadlineMs * 2, answer);
  }

  private serve(token: number): void {
    const authority = new Authority(this.parts.clock, () => this.hear({ kind: 'tick' }));
    authority.confirm(this.state);
    const abort = new AbortController();
    this.term = { authority, abort };
    const seen = Promise.withResolvers<void>();
    const term: Term = {
      token,
      authority,
      signal: abort.signal,
      onFenced: () => this.hear({ kind: 'fenced', token }),
      onReplaced: () => {
        seen.resolve();
        this.hear({ kind: 'replaced', token });
      },
      replaced: (deadlineMs) => within(this.parts.clock, deadlineMs, seen.promise),
    };
    this.next(async () => {
      if (abort.signal.aborted) return;
      try {
        this.owner = await this.parts.seats.own(term, () => this.leaveSeat());
      } catch (error) {
        if (!abort.signal.aborted) throw error;
        this.parts.logger.info({ reason: errorText(error) }, 'the term ended before we served');
      }
    });
  }

  private async leaveSeat(): Promise<void> {
    const { seat } = this;
    this.seat = undefined;
    await seat?.abandon();
  }

  private standByAgain(): void {
    this.endTerm();
    this.next(async () => {
      await this.owner?.abandon();
      this.owner = undefined;
      this.seat ??= await this.parts.seats.standBy(this);
    });
  }

  private endTerm(): void {
    this.term?.authority.close();
    this.term?.abort.abort();
    this.term = undefined;
  }

  private leave(go: (owner: OwnerSeat) => Promise<void>): void {
    // A seat that is still being taken may wait for a neighbour for ever.
    const { clock } = this.parts;
    const timer = this.owner ? undefined : clock.after(this.options.handOverMs, () => this.endTerm());
    this.next(async () => {
      timer?.cancel();
      if (this.owner) await go(this.owner);
      this.hear({ kind: 'left' });
    });
  }

  private end(): void {
    this.next(async () => {
      if (this.handsOver) await this.owner?.linger(this.options.handOverMs);
      await this.leaveSeat();
      this.parts.lease.stop();
      this.settle.ended();
    });
  }

  private next(change: () => Promise<void>): void {
    this.work = this.work.then(change).catch(async (error: unknown) => {
      this.parts.logger.error({ error: errorText(error) }, 'the server of this role cannot be started');
      this.timer?.cancel();
      this.state = { ...this.state, role: 'ended' };
      await this.parts.lease.release(this.state.term).catch(() => undefined);
      this.settle.failed(error);
    });
  }
}
