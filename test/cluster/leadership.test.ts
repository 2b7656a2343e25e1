import { describe, expect, it } from 'vitest';
import {
  begin,
  type Clue,
  type Deed,
  isSure,
  type Leadership,
  nextTickMs,
  turn,
} from '../../src/cluster/leadership.ts';
import type { LeaseHolder, ShardOwner } from '../../src/cluster/ports.ts';

const terms = { instanceId: 'a', url: 'http://a', leaseMs: 1_000, renewMs: 250, pollMs: 100 };
const term = 'a.life.1';
const other: LeaseHolder = { term: 'b.x.1', instanceId: 'b', url: 'http://b', token: 4 };
const rowOf = (token: number, by = 'b.x.1'): ShardOwner => ({ token, term: by, instanceId: 'b', url: 'http://b' });

/** Plays clues at their times and gives the last state, and what each of them asked for. */
function play(clues: readonly (readonly [atMs: number, clue: Clue])[], from = begin(terms, 'life', 0)) {
  let state: Leadership = from;
  const deeds = clues.map(([atMs, clue]) => {
    const next = turn(state, clue, terms, atMs);
    state = next.state;
    return next.deeds;
  });
  return { state, deeds, last: deeds.at(-1) ?? [] };
}

const kinds = (deeds: readonly Deed[]): readonly string[] => deeds.map(({ kind }) => kind);
const held: Clue = { kind: 'looked', sentAtMs: 0, answer: { kind: 'held', holder: other } };
const free: Clue = { kind: 'looked', sentAtMs: 0, answer: { kind: 'free' } };
const away: Clue = { kind: 'looked', sentAtMs: 0, answer: undefined };
const claimed = (kind: 'kept' | 'taken', sentAtMs: number, standbys = 0): Clue => ({
  kind: 'claimed',
  term,
  sentAtMs,
  answer: { kind, standbys },
});
const claimFailed = (sentAtMs: number): Clue => ({ kind: 'claimed', term, sentAtMs, answer: undefined });
const claimLost = (sentAtMs: number): Clue => ({
  kind: 'claimed',
  term,
  sentAtMs,
  answer: { kind: 'held', holder: other },
});
const readRow = (owner: ShardOwner | undefined, sentAtMs = 0): Clue => ({
  kind: 'read',
  term,
  sentAtMs,
  answer: { owner },
});
const readFailed: Clue = { kind: 'read', term, sentAtMs: 0, answer: undefined };
const took = (token: number | undefined): Clue => ({ kind: 'took', term, answer: { token } });

const candidate = play([
  [0, { kind: 'tick' }],
  [1, held],
  [100, free],
  [101, claimed('taken', 100)],
]);
const owner = play(
  [
    [102, readRow(rowOf(4))],
    [103, took(5)],
  ],
  candidate.state,
);

describe('a standby', () => {
  it('looks at once, and again after its time', () => {
    expect(kinds(play([[0, { kind: 'tick' }]]).last)).toEqual(['look']);
    expect(
      nextTickMs(
        play([
          [0, { kind: 'tick' }],
          [5, held],
        ]).state,
      ),
    ).toBe(105);
  });

  it('claims the lease of an owner whom it has seen go', () => {
    expect(
      play([
        [0, { kind: 'tick' }],
        [1, held],
        [100, free],
      ]).last,
    ).toEqual([{ kind: 'claim', holder: { term, instanceId: 'a', url: 'http://a', token: 0 } }]);
  });

  it.each([
    [
      'has just come back',
      [
        [0, { kind: 'tick' }],
        [1, away],
        [100, free],
      ],
      0,
    ],
    [
      'it has never heard of',
      [
        [0, { kind: 'tick' }],
        [100, free],
      ],
      0,
    ],
    [
      'has been empty for a whole lease',
      [
        [0, { kind: 'tick' }],
        [100, free],
        [1_101, free],
      ],
      1,
    ],
  ] as const)('leaves the first word to an owner who is well when the Redis that is empty %s', (_, clues, claims) => {
    expect(play(clues).last).toHaveLength(claims);
  });

  it('claims at once when the owner says that it goes', () => {
    const { last } = play([
      [0, { kind: 'tick' }],
      [1, held],
      [50, { kind: 'released' }],
      [51, free],
    ]);
    expect(kinds(last)).toEqual(['claim']);
  });

  it('knows the owner on while Redis is away', () => {
    expect(
      play([
        [0, { kind: 'tick' }],
        [1, held],
        [200, away],
      ]).state.holder,
    ).toEqual(other);
  });

  it('claims again when the answer to its claim got lost', () => {
    const mine: Clue = { kind: 'looked', sentAtMs: 0, answer: { kind: 'held', holder: { ...other, term } } };
    const { last } = play([
      [0, { kind: 'tick' }],
      [1, held],
      [100, free],
      [400, claimFailed(100)],
      [500, mine],
    ]);
    expect(kinds(last)).toEqual(['claim']);
  });

  it('ends when it is told to', () => {
    expect(kinds(play([[0, { kind: 'stop' }]]).last)).toEqual(['release', 'end']);
  });
});

describe('a candidate', () => {
  it('reads who was owner, takes the next token, and serves', () => {
    expect(kinds(candidate.last)).toEqual(['read']);
    expect(owner.deeds).toEqual([[{ kind: 'take', expected: 4, term }], [{ kind: 'serve', token: 5 }]]);
    expect(owner.state).toMatchObject({ role: 'owner', token: 5 });
  });

  it('takes the first token of a shard that nobody has owned', () => {
    expect(play([[102, readRow(undefined)]], candidate.state).last).toEqual([{ kind: 'take', expected: 0, term }]);
  });

  it('does not take a token when its lease may have run out', () => {
    expect(play([[980, readRow(rowOf(4))]], candidate.state).last).toEqual([]);
  });

  it('stands back when somebody else was first', () => {
    const { state, last } = play(
      [
        [102, readRow(rowOf(4))],
        [103, took(undefined)],
      ],
      candidate.state,
    );
    expect(kinds(last)).toEqual(['release']);
    expect(state).toMatchObject({ role: 'standby', term: 'a.life.2' });
  });

  it('finds out that it took the token when the answer got lost', () => {
    const { last } = play(
      [
        [102, readRow(rowOf(4))],
        [600, { kind: 'took', term, answer: undefined }],
        [601, { kind: 'tick' }],
        [602, readRow(rowOf(5, term))],
      ],
      candidate.state,
    );
    expect(last).toEqual([{ kind: 'serve', token: 5 }]);
  });

  it('asks PostgreSQL again until it answers', () => {
    const { last } = play(
      [
        [102, readFailed],
        [352, { kind: 'tick' }],
      ],
      candidate.state,
    );
    expect(kinds(last)).toContain('read');
  });
});

describe('an owner', () => {
  it('is sure for the most of a lease from when it asked', () => {
    const { state } = play([[360, claimed('kept', 353, 1)]], owner.state);
    expect(isSure(state, 353 + 874)).toBe(true);
    expect(isSure(state, 353 + 876)).toBe(false);
    expect(state.standbys).toBe(1);
  });

  it('asks PostgreSQL at once when Redis does not answer, and is sure by that', () => {
    const { last } = play([[600, claimFailed(353)]], owner.state);
    expect(kinds(last)).toContain('read');
    const { state } = play(
      [
        [600, claimFailed(353)],
        [603, readRow(rowOf(5, term), 601)],
      ],
      owner.state,
    );
    expect(isSure(state, 601 + 874)).toBe(true);
  });

  it('goes on when neither answers', () => {
    const { state, last } = play(
      [
        [600, claimFailed(353)],
        [1_100, readFailed],
      ],
      owner.state,
    );
    expect(kinds(last)).toEqual([]);
    expect(isSure(state, 1_500)).toBe(true);
  });

  it('is not sure of a lease that was gone before PostgreSQL says that nobody had it', () => {
    const { state, last } = play([[2_000, claimed('taken', 1_990)]], owner.state);
    expect(kinds(last)).toEqual(['read']);
    expect(isSure(state, 2_000)).toBe(false);
    expect(isSure(play([[2_003, readRow(rowOf(5, term), 2_001)]], state).state, 2_003)).toBe(true);
  });

  it.each<[string, readonly (readonly [number, Clue])[], string]>([
    ['the lease is another’s', [[360, claimLost(353)]], 'leaseLost'],
    [
      'the token is not the newest',
      [
        [600, claimFailed(353)],
        [603, readRow(rowOf(6))],
      ],
      'fenced',
    ],
    ['a write was refused', [[300, { kind: 'fenced', token: 5 }]], 'fenced'],
    ['a PBX gave its name away', [[300, { kind: 'replaced', token: 5 }]], 'replaced'],
  ])('steps down when %s', (_, clues, reason) => {
    const { state, last } = play(clues, owner.state);
    expect(last[0]).toEqual({ kind: 'stepDown', reason });
    expect(state).toMatchObject({ role: 'standby', token: 0 });
    expect(isSure(state, 360)).toBe(false);
  });

  it('hears nothing of an earlier term', () => {
    expect(play([[300, { kind: 'fenced', token: 3 }]], owner.state).last).toEqual([]);
    expect(play([[300, { kind: 'replaced', token: 3 }]], owner.state).last).toEqual([]);
  });

  it('takes nothing for a while when a stranger has its name, and longer the next time', () => {
    const replaced = play([[300, { kind: 'replaced', token: 5 }]], owner.state).state;
    expect(replaced.restUntilMs).toBe(5_300);
    expect(play([[400, free]], replaced).last).toEqual([]);
    expect(kinds(play([[5_300, free]], replaced).last)).toEqual(['claim']);
    const again = turn(
      { ...owner.state, ...pick(replaced), sureUntilMs: 9_000 },
      { kind: 'replaced', token: 5 },
      terms,
      6_000,
    );
    expect(again.state.restUntilMs).toBe(16_000);
  });

  it('does not rest when its lease had run out: the next owner has its name', () => {
    const { state } = play([[5_000, { kind: 'replaced', token: 5 }]], owner.state);
    expect(state.restUntilMs).toBe(Number.NEGATIVE_INFINITY);
  });

  it('hands over where somebody stands by, and drains where nobody does', () => {
    const alone = play([[300, { kind: 'stop' }]], owner.state);
    expect(kinds(alone.last)).toEqual(['claim']);
    expect(kinds(play([[303, claimed('kept', 300)]], alone.state).last)).toEqual(['drain']);
    expect(kinds(play([[303, claimed('kept', 300, 1)]], alone.state).last)).toEqual(['handOver']);
    expect(kinds(play([[303, claimFailed(300)]], alone.state).last)).toEqual(['read', 'drain']);
    const two = play(
      [
        [360, claimed('kept', 353, 1)],
        [400, { kind: 'stop' }],
      ],
      owner.state,
    );
    expect(kinds(two.last)).toEqual(['handOver']);
    expect(kinds(play([[450, { kind: 'left' }]], two.state).last)).toEqual(['release', 'end']);
  });

  it('renews while it leaves, and is not put off by the next owner', () => {
    const leaving = play(
      [
        [360, claimed('kept', 353, 1)],
        [400, { kind: 'stop' }],
      ],
      owner.state,
    ).state;
    expect(kinds(play([[610, { kind: 'tick' }]], leaving).last)).toEqual(['claim']);
    expect(play([[620, { kind: 'replaced', token: 5 }]], leaving).last).toEqual([]);
  });
});

const pick = ({ restUntilMs, restMs }: Leadership) => ({ restUntilMs, restMs });
