import type { LeaseClaim, LeaseHolder, LeaseLook, ShardOwner } from './ports.ts';

/** Times in milliseconds; `atMs` and the like are of this instance's own monotonic clock. */
export interface Terms {
  readonly instanceId: string;
  readonly url: string;
  /** How long the lease stands after a renewal, by the clock of Redis. */
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly pollMs: number;
}

/** Two clocks may run apart by so much of a lease, and an answer was written a little before it was read. */
const marginShare = 1 / 8;
/** An owner whose name another server takes, though the shard is his, lets the others try; ever longer. */
const restFirstMs = 5_000;
const restMaxMs = 60_000;

/**
 * - `standby`: somebody else owns the shard, or nobody yet.
 * - `candidate`: holds the lease, or nearly; the token is not taken yet.
 * - `owner`: has the newest token, as far as it knows.
 * - `leaving`: was told to end, and gives the shard away in order.
 */
export type Role = 'standby' | 'candidate' | 'owner' | 'leaving' | 'ended';

export interface Leadership {
  readonly role: Role;
  /** Counts terms, to name each anew. */
  readonly count: number;
  /** Names this term in Redis and PostgreSQL. */
  readonly term: string;
  readonly token: number;
  /** Until then nobody else can have become owner, as far as can be told from here. */
  readonly sureUntilMs: number;
  /** Who held the lease when last seen; kept while Redis is away, for then nobody can take it. */
  readonly holder: LeaseHolder | undefined;
  readonly standbys: number;
  /** Told to end, and Redis is being asked whether somebody stands by now. */
  readonly undecided: boolean;
  readonly redis: 'unknown' | 'up' | 'away';
  readonly redisUpSinceMs: number;
  /** A lease was seen in this Redis: that there is none is then news, and no forgetting. */
  readonly seenHeld: boolean;
  readonly restUntilMs: number;
  readonly restMs: number;
  readonly lease: Question;
  readonly row: Question;
}

/** A question to a neighbour: one at a time, the next not before. */
interface Question {
  readonly asked: boolean;
  readonly nextMs: number;
}

export type Clue =
  | { readonly kind: 'tick' }
  | { readonly kind: 'looked'; readonly sentAtMs: number; readonly answer: LeaseLook | undefined }
  /** `term` is the one for which it was asked: what was asked for an earlier one means nothing. */
  | {
      readonly kind: 'claimed';
      readonly term: string;
      readonly sentAtMs: number;
      readonly answer: LeaseClaim | undefined;
    }
  /** `owner` is undefined when nobody has ever owned the shard; the answer when there was none. */
  | {
      readonly kind: 'read';
      readonly term: string;
      readonly sentAtMs: number;
      readonly answer: { readonly owner: ShardOwner | undefined } | undefined;
    }
  /** `token` is undefined when somebody else was first. */
  | {
      readonly kind: 'took';
      readonly term: string;
      readonly answer: { readonly token: number | undefined } | undefined;
    }
  | { readonly kind: 'released' }
  /** A write was refused: the token is not the newest. */
  | { readonly kind: 'fenced'; readonly token: number }
  /** A PBX said that another server has taken our application name. */
  | { readonly kind: 'replaced'; readonly token: number }
  /** The process shall end. */
  | { readonly kind: 'stop' }
  /** What `handOver` or `drain` asked for is done. */
  | { readonly kind: 'left' };

export type Deed =
  | { readonly kind: 'look' }
  | { readonly kind: 'claim'; readonly holder: LeaseHolder }
  | { readonly kind: 'read' }
  | { readonly kind: 'take'; readonly expected: number; readonly term: string }
  | { readonly kind: 'release'; readonly term: string }
  | { readonly kind: 'serve'; readonly token: number }
  | { readonly kind: 'stepDown'; readonly reason: StepDownReason }
  | { readonly kind: 'handOver' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'end' };

export type StepDownReason = 'leaseLost' | 'fenced' | 'replaced';

export interface Turn {
  readonly state: Leadership;
  readonly deeds: readonly Deed[];
}

export function begin(terms: Terms, life: string, atMs: number): Leadership {
  return {
    role: 'standby',
    count: 1,
    term: `${terms.instanceId}.${life}.1`,
    token: 0,
    sureUntilMs: Number.NEGATIVE_INFINITY,
    holder: undefined,
    standbys: 0,
    undecided: false,
    redis: 'unknown',
    redisUpSinceMs: atMs,
    seenHeld: false,
    restUntilMs: Number.NEGATIVE_INFINITY,
    restMs: restFirstMs,
    lease: { asked: false, nextMs: atMs },
    row: { asked: false, nextMs: atMs },
  };
}

/** Whether nobody else can have become owner. An owner that is not sure makes the PBX wait until it is. */
export const isSure = (state: Leadership, atMs: number): boolean =>
  (state.role === 'owner' || state.role === 'leaving') && atMs < state.sureUntilMs;

/** When to come back with a `tick` at the latest. */
export function nextTickMs({ lease, row }: Leadership): number {
  return Math.min(
    lease.asked ? Number.POSITIVE_INFINITY : lease.nextMs,
    row.asked ? Number.POSITIVE_INFINITY : row.nextMs,
  );
}

/**
 * One clue about who owns the shard. What decides is the token in PostgreSQL: whoever took the newest owns the shard,
 * and each write of the log is held against it. The lease only says when somebody may take the next one, so that no
 * owner is pushed out who is well; and it tells him soon that it happened.
 */
export function turn(state: Leadership, clue: Clue, terms: Terms, atMs: number): Turn {
  if (state.role === 'ended') return { state, deeds: [] };
  if ('term' in clue && clue.term !== state.term) {
    return ask(answered(state, clue.kind === 'claimed' ? 'lease' : 'row', 0, atMs), terms, atMs);
  }
  switch (clue.kind) {
    case 'tick':
      return ask(state, terms, atMs);
    case 'looked':
      return looked(state, clue.answer, terms, atMs);
    case 'claimed':
      return claimed(answered(state, 'lease', leaseEveryMs(state, terms), atMs), clue, terms, atMs);
    case 'read':
      return read(answered(state, 'row', terms.renewMs, atMs), clue, terms, atMs);
    case 'took':
      return took(answered(state, 'row', terms.renewMs, atMs), clue.answer, terms, atMs);
    case 'released':
      return state.role === 'standby'
        ? ask({ ...state, seenHeld: true, lease: now(state.lease, atMs) }, terms, atMs)
        : same(state);
    case 'fenced':
      return isCurrent(state, clue.token) ? stepDown(state, 'fenced', terms, atMs) : same(state);
    case 'replaced':
      return isCurrent(state, clue.token) ? replaced(state, terms, atMs) : same(state);
    case 'stop':
      return stop(state, terms, atMs);
    case 'left':
      return { state: { ...state, role: 'ended' }, deeds: [{ kind: 'release', term: state.term }, { kind: 'end' }] };
  }
}

const same = (state: Leadership): Turn => ({ state, deeds: [] });
const now = (question: Question, atMs: number): Question => ({ ...question, nextMs: Math.min(question.nextMs, atMs) });
const isCurrent = ({ role, token }: Leadership, of: number): boolean =>
  (role === 'owner' || role === 'leaving') && token === of;
const leaseEveryMs = ({ role }: Leadership, { pollMs, renewMs }: Terms): number =>
  role === 'standby' ? pollMs : renewMs;
const trustMs = ({ leaseMs }: Terms): number => leaseMs * (1 - marginShare);

function answered(state: Leadership, which: 'lease' | 'row', everyMs: number, atMs: number): Leadership {
  return { ...state, [which]: { asked: false, nextMs: atMs + everyMs } };
}

/** Asks what is due: the lease always; PostgreSQL by a candidate, and by an owner whom Redis does not answer. */
function ask(state: Leadership, terms: Terms, atMs: number): Turn {
  const deeds: Deed[] = [];
  let next = state;
  if (!state.lease.asked && atMs >= state.lease.nextMs) {
    next = { ...next, lease: { asked: true, nextMs: atMs } };
    deeds.push(state.role === 'standby' ? { kind: 'look' } : { kind: 'claim', holder: asHolder(state, terms) });
  }
  if (!state.row.asked && atMs >= state.row.nextMs) {
    const isDue = state.role === 'candidate' || (state.role !== 'standby' && state.redis === 'away');
    next = { ...next, row: { asked: isDue, nextMs: atMs + terms.renewMs } };
    if (isDue) deeds.push({ kind: 'read' });
  }
  return { state: next, deeds };
}

const asHolder = ({ term, token }: Leadership, { instanceId, url }: Terms): LeaseHolder => ({
  term,
  instanceId,
  url,
  token,
});

function looked(before: Leadership, answer: LeaseLook | undefined, terms: Terms, atMs: number): Turn {
  const state = heard(answered(before, 'lease', terms.pollMs, atMs), answer !== undefined, atMs);
  if (!answer || state.role !== 'standby') return same(state);
  const holder = answer.kind === 'held' ? answer.holder : undefined;
  // The lease of our own claim whose answer got lost: claim it again.
  if (holder && holder.term !== state.term) return same({ ...state, holder, seenHeld: true });
  const mayClaim = holder !== undefined || state.seenHeld || atMs - state.redisUpSinceMs >= terms.leaseMs;
  const seen = { ...state, holder: undefined };
  if (!mayClaim || atMs < state.restUntilMs) return same(seen);
  return {
    state: { ...seen, lease: { asked: true, nextMs: atMs } },
    deeds: [{ kind: 'claim', holder: asHolder(state, terms) }],
  };
}

/** A Redis that comes back may have forgotten the lease of an owner who is well: it gets the first word. */
function heard(state: Leadership, isUp: boolean, atMs: number): Leadership {
  if (!isUp) return { ...state, redis: 'away', seenHeld: false };
  return state.redis === 'up' ? state : { ...state, redis: 'up', redisUpSinceMs: atMs };
}

function claimed(before: Leadership, clue: Clue & { kind: 'claimed' }, terms: Terms, atMs: number): Turn {
  const { state, deeds } = stands(before, clue, terms, atMs);
  if (!state.undecided || state.role !== 'leaving') return { state, deeds };
  return {
    state: { ...state, undecided: false },
    deeds: [...deeds, { kind: state.standbys > 0 ? 'handOver' : 'drain' }],
  };
}

function stands(
  before: Leadership,
  { sentAtMs, answer }: Clue & { kind: 'claimed' },
  terms: Terms,
  atMs: number,
): Turn {
  const state = heard(before, answer !== undefined, atMs);
  // The lease was given back meanwhile.
  if (!answer)
    return state.role === 'standby' ? same(state) : ask({ ...state, row: now(state.row, atMs) }, terms, atMs);
  if (answer.kind === 'held') {
    const seen = { ...state, holder: answer.holder, seenHeld: true };
    return state.role === 'standby' ? same(seen) : stepDown(seen, 'leaseLost', terms, atMs);
  }
  const untilMs = sentAtMs + trustMs(terms);
  const counted = { ...state, standbys: answer.standbys, seenHeld: true };
  if (state.role === 'standby') {
    return ask({ ...counted, role: 'candidate', sureUntilMs: untilMs, row: now(state.row, atMs) }, terms, atMs);
  }
  // While it was free somebody may have taken it, and the token: PostgreSQL knows.
  if (answer.kind === 'taken' && state.role !== 'candidate') return readNow(counted, atMs);
  return same({ ...counted, sureUntilMs: Math.max(state.sureUntilMs, untilMs) });
}

function readNow(state: Leadership, atMs: number): Turn {
  if (state.row.asked) return same({ ...state, row: { ...state.row, nextMs: atMs } });
  return { state: { ...state, row: { asked: true, nextMs: atMs } }, deeds: [{ kind: 'read' }] };
}

function read(state: Leadership, { sentAtMs, answer }: Clue & { kind: 'read' }, terms: Terms, atMs: number): Turn {
  if (state.role === 'standby') return same(state);
  if (!answer) return same(state.redis === 'away' && state.role !== 'candidate' ? alone(state, terms, atMs) : state);
  const { owner } = answer;
  if (state.role !== 'candidate') {
    if (owner?.token !== state.token) return stepDown(state, 'fenced', terms, atMs);
    return same({ ...state, sureUntilMs: Math.max(state.sureUntilMs, sentAtMs + trustMs(terms)) });
  }
  // We took it and did not hear so.
  if (owner?.term === state.term) return serve(state, owner.token);
  // A candidate who was held up must not push out the one who came after: the token is taken under a lease that stands.
  if (atMs >= state.sureUntilMs) return same(state);
  const expected = owner?.token ?? 0;
  return {
    state: { ...state, row: { asked: true, nextMs: atMs } },
    deeds: [{ kind: 'take', expected, term: state.term }],
  };
}

/** Nobody answers at all, so nobody can take over either, as far as we see: callers are served on. */
const alone = (state: Leadership, terms: Terms, atMs: number): Leadership => ({
  ...state,
  sureUntilMs: Math.max(state.sureUntilMs, atMs + trustMs(terms)),
});

function took(
  state: Leadership,
  answer: { readonly token: number | undefined } | undefined,
  terms: Terms,
  atMs: number,
): Turn {
  if (state.role !== 'candidate') return same(state);
  if (!answer) return same({ ...state, row: { asked: false, nextMs: atMs } });
  return answer.token === undefined ? stepDown(state, 'fenced', terms, atMs) : serve(state, answer.token);
}

function serve(state: Leadership, token: number): Turn {
  return {
    state: { ...state, role: 'owner', token, holder: undefined },
    deeds: [{ kind: 'serve', token }],
  };
}

/** Back to standing by, under a new name. Only who has begun to serve has something to end. */
function stepDown(state: Leadership, reason: StepDownReason, { instanceId }: Terms, atMs: number): Turn {
  // It gives the shard away already; the next owner is there.
  if (state.role === 'leaving') return same(state);
  const count = state.count + 1;
  const life = state.term.slice(instanceId.length + 1).split('.')[0] ?? '';
  const next: Leadership = {
    ...state,
    role: 'standby',
    count,
    term: `${instanceId}.${life}.${count}`,
    token: 0,
    sureUntilMs: Number.NEGATIVE_INFINITY,
    lease: { ...state.lease, nextMs: atMs },
  };
  const release: Deed = { kind: 'release', term: state.term };
  return { state: next, deeds: state.role === 'owner' ? [{ kind: 'stepDown', reason }, release] : [release] };
}

/**
 * Asterisk gives the name to whoever came last. If that is the next owner we are told by PostgreSQL too; if it is a
 * stranger, to take the name back at once would be a fight. So we go, and take nothing for a while.
 */
function replaced(state: Leadership, terms: Terms, atMs: number): Turn {
  const { state: next, deeds } = stepDown(state, 'replaced', terms, atMs);
  // Whose lease may have run out was followed by the next owner.
  if (next.role !== 'standby' || atMs >= state.sureUntilMs) return { state: next, deeds };
  const isFirst = atMs - state.restUntilMs > 10 * restMaxMs;
  const restMs = isFirst ? restFirstMs : Math.min(restMaxMs, state.restMs * 2);
  return { state: { ...next, restUntilMs: atMs + restMs, restMs }, deeds };
}

/** Who came to stand by since the last renewal counts too, so Redis is asked once more before anybody is sent away. */
function stop(state: Leadership, terms: Terms, atMs: number): Turn {
  switch (state.role) {
    case 'owner':
      if (state.standbys > 0) return { state: { ...state, role: 'leaving' }, deeds: [{ kind: 'handOver' }] };
      return ask({ ...state, role: 'leaving', undecided: true, lease: now(state.lease, atMs) }, terms, atMs);
    case 'leaving':
    case 'ended':
      return same(state);
    case 'standby':
    case 'candidate':
      return { state: { ...state, role: 'ended' }, deeds: [{ kind: 'release', term: state.term }, { kind: 'end' }] };
  }
}
