import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Clue, Deed } from '../../src/cluster/clues.ts';
import { begin, type Leadership, nextTickMs, turn } from '../../src/cluster/leadership.ts';
import type { LeaseHolder, ShardOwner } from '../../src/cluster/ports.ts';
import { seededRng } from '../events/support.ts';

const leaseMs = 1_000;
const renewMs = 250;
const pollMs = 100;
/** Ours of Redis and PostgreSQL; a longer way counts as no answer. */
const deadlineMs = 200;
const driftMax = 0.02;

interface World {
  readonly seed: number;
  /** Of messages to and from Redis and PostgreSQL. */
  readonly lossShare: number;
  /** Whether owners write all the time, and so learn at once that they own nothing any more. */
  readonly writes: boolean;
  /** Times at which one instance stands still, and how long. */
  readonly pauses: readonly { readonly atMs: number; readonly forMs: number; readonly who: number }[];
  /** Times at which Redis is away, and comes back empty. */
  readonly outages: readonly Outage[];
  /** Times at which PostgreSQL blocks. */
  readonly blocked: readonly Outage[];
}

interface Outage {
  readonly atMs: number;
  readonly forMs: number;
}

const isDuring = (outages: readonly Outage[], nowMs: number): boolean =>
  outages.some(({ atMs, forMs }) => atMs <= nowMs && nowMs < atMs + forMs);

const troubleMs = 20_000;
const quietMs = 8_000;

/** Two or three instances, a Redis with a clock of its own, and PostgreSQL's row, in true time. */
class Model {
  private readonly world: World;
  private readonly rng: ReturnType<typeof seededRng>;
  private atMs = 0;
  private order = 0;
  private queue: { readonly atMs: number; readonly order: number; readonly run: () => void }[] = [];
  private lease: { readonly holder: LeaseHolder; readonly untilMs: number } | undefined;
  private row: ShardOwner | undefined;
  readonly instances: Instance[];
  /** Tokens in the order in which writes with them were taken. */
  readonly written: number[] = [];
  readonly tokens: number[] = [];
  readonly problems: string[] = [];
  /** Who said when that he stands by. */
  private readonly looks = new Map<number, number>();

  constructor(world: World, count: number) {
    this.world = world;
    this.rng = seededRng(world.seed);
    this.instances = Array.from(
      { length: count },
      (_, index) => new Instance(this, index, 1 + driftMax * (this.rng.next() * 2 - 1)),
    );
  }

  run(): void {
    for (const instance of this.instances) this.later(0, () => instance.hear({ kind: 'tick' }));
    this.later(50, () => this.look());
    while (this.atMs < troubleMs + quietMs) {
      const next = this.queue.reduce((first, one) => (isBefore(one, first) ? one : first));
      this.queue = this.queue.filter((one) => one !== next);
      this.atMs = next.atMs;
      next.run();
    }
  }

  get trueMs(): number {
    return this.atMs;
  }

  later(delayMs: number, run: () => void): void {
    this.order += 1;
    this.queue.push({ atMs: this.atMs + delayMs, order: this.order, run });
  }

  /** Until when this instance stands still, if it does. */
  pausedUntil(who: number): number {
    const pause = this.world.pauses.find(
      (one) => one.who === who && one.atMs <= this.atMs && this.atMs < one.atMs + one.forMs,
    );
    return pause ? pause.atMs + pause.forMs : this.atMs;
  }

  /** Goes there and back, each way slowly or not at all; `answer` gets undefined at the deadline. */
  ask<Answer>(work: () => Answer | undefined, answer: (given: Answer | undefined) => void): void {
    let settled = false;
    const settle = (given: Answer | undefined): void => {
      if (settled) return;
      settled = true;
      answer(given);
    };
    this.later(deadlineMs, () => settle(undefined));
    if (this.isLost()) return;
    this.later(this.rng.next() * 60, () => {
      const given = work();
      if (!this.isLost()) this.later(this.rng.next() * 60, () => settle(given));
    });
  }

  private isLost(): boolean {
    return this.atMs < troubleMs && this.rng.next() < this.world.lossShare;
  }

  private redisIsUp(): boolean {
    const isAway = isDuring(this.world.outages, this.atMs);
    if (isAway) this.lease = undefined;
    if (this.lease && this.lease.untilMs <= this.atMs) this.lease = undefined;
    return !isAway;
  }

  redis = {
    look: (who: number, standsBy: boolean) => {
      if (!this.redisIsUp()) return undefined;
      // What an instance sends over its connection arrives in order: after its goodbye there is no look.
      if (standsBy && this.instances[who]?.state.role !== 'ended') this.looks.set(who, this.atMs);
      else this.looks.delete(who);
      return this.lease ? ({ kind: 'held', holder: this.lease.holder } as const) : ({ kind: 'free' } as const);
    },
    claim: (who: number, holder: LeaseHolder) => {
      if (!this.redisIsUp()) return undefined;
      const { lease } = this;
      if (lease && lease.holder.term !== holder.term) return { kind: 'held', holder: lease.holder } as const;
      this.lease = { holder, untilMs: this.atMs + leaseMs };
      this.looks.delete(who);
      const standbys = [...this.looks.values()].filter((atMs) => atMs > this.atMs - 4 * pollMs).length;
      return { kind: lease ? 'kept' : 'taken', standbys } as const;
    },
    release: (who: number, term: string) => {
      if (!this.redisIsUp()) return;
      this.looks.delete(who);
      if (this.lease?.holder.term === term) this.lease = undefined;
    },
  };

  postgres = {
    read: () => (isDuring(this.world.blocked, this.atMs) ? undefined : { owner: this.row }),
    take: (expected: number, term: string) => {
      if (isDuring(this.world.blocked, this.atMs)) return undefined;
      if ((this.row?.token ?? 0) !== expected) return { token: undefined };
      this.row = { token: expected + 1, term, instanceId: term, url: '' };
      this.tokens.push(expected + 1);
      return { token: expected + 1 };
    },
    /** What the fence of a commit does. */
    write: (token: number): boolean => {
      if (this.row?.token !== token) return false;
      this.written.push(token);
      return true;
    },
  };

  /** Everybody who thinks that he owns the shard writes; and nobody may be sure beside somebody else. */
  private look(): void {
    if (this.world.writes) for (const instance of this.instances) instance.write();
    if (this.world.lossShare === 0 && this.world.outages.length === 0) this.lookWhoIsSure();
    this.later(7, () => this.look());
  }

  /** At most one, who has the newest token; and somebody when all has been well for a while. */
  private lookWhoIsSure(): void {
    const sure = this.instances.filter((instance) => instance.isSure());
    if (sure.length > 1) this.problems.push(`${this.atMs}: ${sure.length} are sure`);
    if (sure.some(({ state }) => state.token !== this.row?.token)) this.problems.push(`${this.atMs}: sure, not owner`);
    if (sure.length === 0 && this.atMs > troubleMs + quietMs / 2) this.problems.push(`${this.atMs}: nobody is sure`);
  }

  get owners(): readonly Instance[] {
    return this.instances.filter(({ state }) => state.role === 'owner');
  }
}

const isBefore = (
  one: { readonly atMs: number; readonly order: number },
  other: { readonly atMs: number; readonly order: number },
): boolean => one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

/** The runner in small: one state machine, its clock, and its questions. */
class Instance {
  state: Leadership;
  private readonly model: Model;
  private readonly who: number;
  private readonly rate: number;
  private readonly terms;
  private wake = 0;
  /** How it ended its term when it was told to end. */
  wayOut: 'handOver' | 'drain' | undefined;

  constructor(model: Model, who: number, rate: number) {
    this.model = model;
    this.who = who;
    this.rate = rate;
    this.terms = { instanceId: `i${who}`, url: '', leaseMs, renewMs, pollMs };
    this.state = begin(this.terms, 'life', this.nowMs());
  }

  private nowMs(): number {
    return 1_000 * this.who + this.model.trueMs * this.rate;
  }

  isSure(): boolean {
    const { role, sureUntilMs } = this.state;
    return (role === 'owner' || role === 'leaving') && !this.isPaused() && this.nowMs() < sureUntilMs;
  }

  private isPaused(): boolean {
    return this.model.pausedUntil(this.who) > this.model.trueMs;
  }

  /** A write that was on its way when the process stopped arrives all the same. */
  write(): void {
    const { role, token } = this.state;
    if (role !== 'owner' || this.model.postgres.write(token)) return;
    this.hear({ kind: 'fenced', token });
  }

  hear(clue: Clue): void {
    const untilMs = this.model.pausedUntil(this.who);
    if (untilMs > this.model.trueMs) return this.model.later(untilMs - this.model.trueMs, () => this.hear(clue));
    const { state, deeds } = turn(this.state, clue, this.terms, this.nowMs());
    this.state = state;
    for (const deed of deeds) this.carryOut(deed);
    this.wake += 1;
    const { wake } = this;
    const waitMs = (nextTickMs(this.state) - this.nowMs()) / this.rate;
    if (!Number.isFinite(waitMs)) return;
    this.model.later(Math.max(1, waitMs), () => {
      if (wake === this.wake) this.hear({ kind: 'tick' });
    });
  }

  private carryOut(deed: Deed): void {
    const { model } = this;
    const { term } = this.state;
    const sentAtMs = this.nowMs();
    switch (deed.kind) {
      case 'look':
        return model.ask(
          () => model.redis.look(this.who, deed.standsBy),
          (answer) => this.hear({ kind: 'looked', answer }),
        );
      case 'claim': {
        const { holder } = deed;
        return model.ask(
          () => model.redis.claim(this.who, holder),
          (answer) => this.hear({ kind: 'claimed', term: holder.term, sentAtMs, answer }),
        );
      }
      case 'read':
        return model.ask(model.postgres.read, (answer) => this.hear({ kind: 'read', term, sentAtMs, answer }));
      case 'take':
        return model.ask(
          () => model.postgres.take(deed.expected, deed.term),
          (answer) => this.hear({ kind: 'took', term: deed.term, answer }),
        );
      case 'release':
        return model.ask(
          () => model.redis.release(this.who, deed.term),
          () => undefined,
        );
      case 'handOver':
      case 'drain':
        this.wayOut = deed.kind;
        return model.later(50, () => this.hear({ kind: 'left' }));
      default:
        return undefined;
    }
  }
}

const pauses = fc.array(
  fc.record({ atMs: fc.nat(troubleMs - 4_000), forMs: fc.integer({ min: 100, max: 2_500 }), who: fc.nat(2) }),
  { maxLength: 6 },
);
const outages = fc.array(fc.record({ atMs: fc.nat(troubleMs - 4_000), forMs: fc.integer({ min: 50, max: 4_000 }) }), {
  maxLength: 3,
});

/** Each shorter than a lease: one that is longer makes an owner go on without it. */
const blocked = fc
  .array(fc.record({ atMs: fc.nat(2_000), forMs: fc.integer({ min: 50, max: 700 }) }), {
    maxLength: 4,
  })
  .map((outages) => outages.map(({ atMs, forMs }, n) => ({ atMs: 4_000 * n + atMs, forMs })));

const peace: World = { seed: 1, lossShare: 0, writes: false, pauses: [], outages: [], blocked: [] };

function play(world: World, count: number): Model {
  const model = new Model(world, count);
  model.run();
  return model;
}

it('never takes the writes of two owners by turns, and finds one owner after any trouble', () => {
  fc.assert(
    fc.property(
      fc.record({ seed: fc.integer(), lossShare: fc.constantFrom(0, 0.05, 0.3), pauses, outages, blocked }),
      fc.integer({ min: 2, max: 3 }),
      (trouble, count) => {
        const { written, tokens, owners } = play({ ...trouble, writes: true }, count);
        expect(new Set(tokens).size).toBe(tokens.length);
        expect(written).toEqual([...written].sort((a, b) => a - b));
        expect(owners).toHaveLength(1);
        expect(owners[0]?.state.token).toBe(tokens.at(-1));
      },
    ),
    { numRuns: 60 },
  );
});

it('lets only the newest owner speak to the PBX while Redis keeps what it was told', () => {
  fc.assert(
    fc.property(
      fc.record({ seed: fc.integer(), pauses, blocked }),
      fc.integer({ min: 2, max: 3 }),
      (trouble, count) => {
        expect(play({ ...peace, ...trouble }, count).problems).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

it('hands over to who stays, and to nobody when all are told to end', () => {
  const wayOuts = (world: World, others: readonly number[]) => {
    const model = new Model(world, 1 + others.length);
    model.later(10_000, () => {
      const [owner] = model.owners;
      owner?.hear({ kind: 'stop' });
      const rest = model.instances.filter((one) => one !== owner);
      for (const [n, afterMs] of others.entries())
        if (afterMs >= 0) model.later(afterMs, () => rest[n]?.hear({ kind: 'stop' }));
    });
    model.run();
    return { ways: model.instances.map(({ wayOut }) => wayOut).filter(Boolean), owners: model.owners.length };
  };
  const soonMs = fc.nat(30);
  fc.assert(
    fc.property(fc.integer(), soonMs, soonMs, (seed, oneMs, otherMs) => {
      expect(wayOuts({ ...peace, seed }, [oneMs, otherMs])).toEqual({ ways: ['drain'], owners: 0 });
      expect(wayOuts({ ...peace, seed }, [oneMs, -1])).toEqual({ ways: ['handOver'], owners: 1 });
    }),
    { numRuns: 30 },
  );
});
