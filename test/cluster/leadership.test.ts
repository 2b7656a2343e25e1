import { describe, expect, it } from 'vitest';
import type { Clue, Deed } from '../../src/cluster/clues.ts';
import { begin, type Leadership, nextTickMs, turn } from '../../src/cluster/leadership.ts';
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

const isSure = ({ role, sureUntilMs }: Leadership, atMs: number): boolean =>
  (role === 'owner' || role === 'leaving') && atMs < sureUntilMs;
const kinds = (deeds: readonly Deed[]): readonly string[] => deeds.map(({ kind }) => kind);
const held: Clue = { kind: 'looked', answer: { kind: 'held', holder: other } };
const free: Clue = { kind: 'looked', answer: { kind: 'free' } };
const away: Clue = { kind: 'looked', answer: undefined };
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
    const mine: Clue = { kind: 'looked', answer: { kind: 'held', holder: { ...other, term } } };
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

  it('is not sure of it by renewing it either, nor by what PostgreSQL said before', () => {
    const { state } = play(
      [
        [2_000, claimed('taken', 1_990)],
        [2_300, claimed('kept', 2_290)],
      ],
      owner.state,
    );
    expect(isSure(state, 2_300)).toBe(false);
    const early = play([[2_400, readRow(rowOf(5, term), 1_999)]], state);
    expect(kinds(early.last)).toEqual(['read']);
    expect(isSure(early.state, 2_400)).toBe(false);
    const proven = play([[2_500, readRow(rowOf(5, term), 2_400)]], early.state).state;
    expect(isSure(proven, 2_500)).toBe(true);
    expect(isSure(play([[3_500, claimed('kept', 3_490)]], proven).state, 3_500)).toBe(true);
  });

  it('goes on with a lease that it got back when PostgreSQL has been silent for as long as a lease', () => {
    const back = play([[2_000, claimed('taken', 1_990)]], owner.state).state;
    const asked = play(
      [
        [2_500, readFailed],
        [2_750, { kind: 'tick' }],
      ],
      back,
    );
    expect(isSure(asked.state, 2_750)).toBe(false);
    expect(kinds(asked.last)).toContain('read');
    const { state } = play([[3_000, readFailed]], asked.state);
    expect(isSure(state, 3_000)).toBe(true);
    expect(state.provenUntilMs).toBeLessThan(3_000);
  });

  it('asks PostgreSQL after a silence of Redis, in which it may have lost the lease and got it back', () => {
    const { state } = play(
      [
        [600, claimFailed(353)],
        [900, readFailed],
        [1_000, claimed('kept', 990)],
      ],
      owner.state,
    );
    expect(state.provenUntilMs).toBe(owner.state.provenUntilMs);
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
    expect(play([[400, { kind: 'tick' }]], replaced).last).toEqual([{ kind: 'look', standsBy: false }]);
    expect(play([[5_300, { kind: 'tick' }]], replaced).last).toEqual([{ kind: 'look', standsBy: true }]);
    const again = turn(
      { ...owner.state, ...pick(replaced), provenUntilMs: 9_000 },
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

  const stopped = play(
    [
      [360, claimed('kept', 353, 1)],
      [400, { kind: 'stop' }],
    ],
    owner.state,
  );
  const asking = play(
    [
      [499, { kind: 'tick' }],
      [500, { kind: 'tick' }],
    ],
    stopped.state,
  );

  it('serves on for a moment when it is told to end, and then asks who stands by', () => {
    expect(stopped.last).toEqual([]);
    expect(stopped.state.lease.nextMs).toBe(500);
    expect(isSure(stopped.state, 499)).toBe(true);
    expect(asking.deeds.map(kinds)).toEqual([[], ['claim']]);
  });

  it.each<[string, Clue, readonly string[]]>([
    ['hands over where somebody stands by', claimed('kept', 500, 1), ['handOver']],
    ['drains where nobody does any more', claimed('kept', 500), ['drain']],
    ['drains where Redis does not say', claimFailed(500), ['read', 'drain']],
    ['falls silent where another one has the lease', claimLost(500), ['handOver']],
    ['falls silent when a write is refused', { kind: 'fenced', token: 5 }, ['handOver']],
    ['falls silent when a PBX gave its name away', { kind: 'replaced', token: 5 }, ['handOver']],
  ])('%s', (_, clue, deeds) => {
    const { state, last } = play([[503, clue]], asking.state);
    expect(kinds(last)).toEqual(deeds);
    expect(kinds(play([[504, clue]], state).last)).not.toContain(deeds.at(-1));
    expect(kinds(play([[550, { kind: 'left' }]], state).last)).toEqual(['release', 'end']);
  });

  it('does not decide by what was asked before it was told to end', () => {
    const { deeds } = play(
      [
        [250, { kind: 'tick' }],
        [260, { kind: 'stop' }],
        [270, claimed('kept', 250, 1)],
        [360, { kind: 'tick' }],
      ],
      owner.state,
    );
    expect(deeds.map(kinds)).toEqual([['claim'], [], [], ['claim']]);
  });

  it('renews while it leaves, and is not put off by the next owner', () => {
    const leaving = play([[503, claimed('kept', 500, 1)]], asking.state).state;
    expect(kinds(play([[760, { kind: 'tick' }]], leaving).last)).toEqual(['claim']);
    expect(play([[770, { kind: 'replaced', token: 5 }]], leaving).last).toEqual([]);
  });
});

const pick = ({ restUntilMs, restMs }: Leadership) => ({ restUntilMs, restMs });
