import { expect, it } from 'vitest';
import { Leader, type OwnerSeat, type Term } from '../../src/cluster/leader.ts';
import type { Lease, LeaseClaim, ShardOwner, ShardStore } from '../../src/cluster/ports.ts';
import { ManualClock, silent } from '../events/support.ts';

const options = {
  shard: 'main',
  instanceId: 'a',
  url: 'http://a',
  life: 'life',
  leaseMs: 1_000,
  renewMs: 250,
  pollMs: 100,
  deadlineMs: 200,
  handOverMs: 2_000,
};

/** A Redis and a PostgreSQL that are well, and seats that note what becomes of them. */
function leading(own: (seat: OwnerSeat, term: Term) => Promise<OwnerSeat> = async (seat) => seat) {
  const clock = new ManualClock();
  const notes: string[] = [];
  let held = false;
  let row: ShardOwner | undefined;
  const redis = { standbys: 0 };
  const lease: Lease = {
    look: async () => ({ kind: 'free' }),
    claim: async (): Promise<LeaseClaim> => {
      const kind = held ? 'kept' : 'taken';
      held = true;
      return { kind, standbys: redis.standbys };
    },
    release: async () => void notes.push('release'),
    onReleased: () => undefined,
    stop: () => void notes.push('lease stopped'),
  };
  const shards: ShardStore = {
    owner: async () => row,
    take: async (_shard, expected, owner) => {
      row = { ...owner, token: expected + 1 };
      return row.token;
    },
  };
  const note = (what: string) => async () => void notes.push(what);
  const ownerSeat: OwnerSeat = {
    abandon: note('abandoned'),
    handOver: note('handed over'),
    linger: note('lingered'),
    drain: note('drained'),
  };
  const terms: Term[] = [];
  const seats = {
    standBy: async () => {
      notes.push('standing by');
      return { abandon: note('left') };
    },
    own: async (term: Term, leave: () => Promise<void>) => {
      terms.push(term);
      await leave();
      return own(ownerSeat, term);
    },
  };
  const leader = new Leader(options, { lease, shards, seats, clock, logger: silent });
  /** Lets time pass, with all that is asked and answered in it. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      for (let n = 0; n < 3; n += 1) await new Promise(setImmediate);
    }
  };
  return { leader, notes, terms, redis, pass };
}

/** Whether it has ended by then. */
async function hasEnded(leader: Leader): Promise<boolean> {
  return Promise.race([leader.ended.then(() => true), new Promise<boolean>((tell) => setImmediate(() => tell(false)))]);
}

it('takes a shard that nobody has, under the next token, and leaves its place as a standby', async () => {
  const { leader, notes, terms, pass } = leading();
  await leader.start();
  await pass(900);
  expect(terms).toEqual([]);
  await pass(300);
  expect(terms.map(({ token }) => token)).toEqual([1]);
  expect(notes).toEqual(['standing by', 'left']);
  expect(leader.current()).toEqual({ instanceId: 'a', url: 'http://a' });
});

it('hands over and waits at the PBX for who goes on; drains without waiting for anybody', async () => {
  for (const [standbys, rest] of [
    [1, ['handed over', 'release', 'lingered', 'lease stopped']],
    [0, ['drained', 'release', 'lease stopped']],
  ] as const) {
    const { leader, notes, redis, pass } = leading();
    await leader.start();
    await pass(1_200);
    redis.standbys = standbys;
    leader.stop();
    await pass(150);
    expect(await hasEnded(leader)).toBe(true);
    expect(notes).toEqual(['standing by', 'left', ...rest]);
  }
});

it('ends when it is told to though the seat of an owner cannot be taken', async () => {
  const waitsForEver = (_seat: OwnerSeat, { signal }: Term) =>
    new Promise<never>((_, refuse) => signal.addEventListener('abort', () => refuse(new Error('aborted'))));
  const { leader, terms, pass } = leading(waitsForEver);
  await leader.start();
  await pass(1_200);
  expect(terms).toHaveLength(1);
  leader.stop();
  await pass(options.handOverMs);
  expect(terms[0]?.signal.aborted).toBe(false);
  await pass(200);
  expect([terms[0]?.signal.aborted, await hasEnded(leader)]).toEqual([true, true]);
});

it('says so when it cannot serve, and gives the lease back', async () => {
  const { leader, notes, pass } = leading(async () => Promise.reject(new Error('the port is taken')));
  const failed = leader.failed.catch((error: unknown) => error);
  await leader.start();
  await pass(1_200);
  expect(await failed).toEqual(new Error('the port is taken'));
  expect(notes.at(-1)).toBe('release');
});

it('falls silent and stands by again when another one is owner', async () => {
  const { leader, notes, terms, pass } = leading();
  await leader.start();
  await pass(1_200);
  terms[0]?.onFenced();
  expect([terms[0]?.authority.isClosed, terms[0]?.signal.aborted]).toEqual([true, true]);
  await pass(50);
  expect(notes.slice(2, 5)).toEqual(['release', 'abandoned', 'standing by']);
});
