import type { Clue, Deed, StepDownReason } from './clues.ts';
import type { LeaseHolder, LeaseLook } from './ports.ts';

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
  /** The same as Redis or PostgreSQL have said so: not because neither of them says anything. */
  readonly provenUntilMs: number;
  /** Since then the lease is ours again and PostgreSQL has not said whether somebody was owner while it was free. */
  readonly unprovenSinceMs: number | undefined;
  /** Who held the lease when last seen; kept while Redis is away, for then nobody can take it. */
  readonly holder: LeaseHolder | undefined;
  /** Told to end: what Redis is asked from then on decides whether somebody is there to go on. */
  readonly decidesFromMs: number | undefined;
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
    provenUntilMs: Number.NEGATIVE_INFINITY,
    unprovenSinceMs: undefined,
    holder: undefined,
    decidesFromMs: undefined,
    redis: 'unknown',
    redisUpSinceMs: atMs,
    seenHeld: false,
    restUntilMs: Number.NEGATIVE_INFINITY,
    restMs: restFirstMs,
    lease: { asked: false, nextMs: atMs },
    row: { asked: false, nextMs: atMs },
  };
}

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

/** Asks what is due: the lease always; PostgreSQL by a candidate, and by an owner for whom Redis cannot vouch. */
function ask(state: Leadership, terms: Terms, atMs: number): Turn {
  const deeds: Deed[] = [];
  let next = state;
  if (!state.lease.asked && atMs >= state.lease.nextMs) {
    next = { ...next, lease: { asked: true, nextMs: atMs } };
    deeds.push(
      state.role === 'standby'
        ? { kind: 'look', standsBy: atMs >= state.restUntilMs }
        : { kind: 'claim', holder: asHolder(state, terms) },
    );
  }
  if (!state.row.asked && atMs >= state.row.nextMs) {
    const isDue = state.role === 'candidate' || (state.role !== 'standby' && !isVouchedFor(state));
    next = { ...next, row: { asked: isDue, nextMs: atMs + terms.renewMs } };
    if (isDue) deeds.push({ kind: 'read' });
  }
  return { state: next, deeds };
}

/** Whether a renewed lease says by itself that nobody else has become owner. */
const isVouchedFor = ({ redis, unprovenSinceMs }: Leadership): boolean =>
  redis !== 'away' && unprovenSinceMs === undefined;

/** Nobody else was owner when this was asked, nor for a lease from then on. */
function proven(state: Leadership, sentAtMs: number, terms: Terms): Leadership {
  const provenUntilMs = Math.max(state.provenUntilMs, sentAtMs + trustMs(terms));
  return { ...state, provenUntilMs, sureUntilMs: Math.max(state.sureUntilMs, provenUntilMs) };
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
  const { role, decidesFromMs } = state;
  if (role !== 'leaving' || decidesFromMs === undefined) return { state, deeds };
  // It was asked before those who were told to end with us had said so.
  if (clue.sentAtMs < decidesFromMs) {
    return { state: { ...state, lease: { ...state.lease, nextMs: decidesFromMs } }, deeds };
  }
  // Without Redis nobody can take the shard.
  const isNextThere = clue.answer && clue.answer.kind !== 'held' && clue.answer.standbys > 0;
  const wayOut: Deed = { kind: isNextThere ? 'handOver' : 'drain' };
  return { state: { ...state, decidesFromMs: undefined }, deeds: [...deeds, wayOut] };
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
  const ours = { ...state, seenHeld: true };
  if (state.role === 'standby') {
    const candidate: Leadership = { ...ours, role: 'candidate', row: now(state.row, atMs) };
    return ask(proven(candidate, sentAtMs, terms), terms, atMs);
  }
  if (state.role === 'candidate') return same(proven(ours, sentAtMs, terms));
  // While it was free somebody may have taken it, and the token: PostgreSQL knows, and renewing it proves nothing. Nor
  // does it after a silence of Redis, in which the answer that we took it may have got lost.
  const isUnproven = answer.kind === 'taken' || before.redis === 'away' || state.unprovenSinceMs !== undefined;
  if (isUnproven) return readNow({ ...ours, unprovenSinceMs: state.unprovenSinceMs ?? atMs }, atMs);
  return same(proven(ours, sentAtMs, terms));
}

function readNow(state: Leadership, atMs: number): Turn {
  if (state.row.asked) return same({ ...state, row: { ...state.row, nextMs: atMs } });
  return { state: { ...state, row: { asked: true, nextMs: atMs } }, deeds: [{ kind: 'read' }] };
}

function read(state: Leadership, { sentAtMs, answer }: Clue & { kind: 'read' }, terms: Terms, atMs: number): Turn {
  if (state.role === 'standby') return same(state);
  if (!answer) return same(state.role === 'candidate' ? state : unanswered(state, terms, atMs));
  const { owner } = answer;
  if (state.role !== 'candidate') {
    if (owner?.token !== state.token) return stepDown(state, 'fenced', terms, atMs);
    // A row that was read before the lease came back says nothing of the time when it was free.
    const { unprovenSinceMs } = state;
    if (unprovenSinceMs !== undefined && sentAtMs < unprovenSinceMs) return readNow(state, atMs);
    return same(proven({ ...state, unprovenSinceMs: undefined }, sentAtMs, terms));
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

/**
 * PostgreSQL says nothing. When Redis says nothing either, nobody can take over, as far as we see: callers are served
 * on. When the lease came back to us, whoever had it meanwhile has let it run out: he is waited for as long as a lease.
 */
function unanswered(state: Leadership, terms: Terms, atMs: number): Leadership {
  const { redis, unprovenSinceMs } = state;
  const isAlone = redis === 'away' || (unprovenSinceMs !== undefined && atMs - unprovenSinceMs >= terms.leaseMs);
  return isAlone ? { ...state, sureUntilMs: Math.max(state.sureUntilMs, atMs + trustMs(terms)) } : state;
}

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
    state: { ...state, role: 'owner', token, holder: undefined, unprovenSinceMs: undefined },
    deeds: [{ kind: 'serve', token }],
  };
}

/** Back to standing by, under a new name. Only who has begun to serve has something to end. */
function stepDown(state: Leadership, reason: StepDownReason, { instanceId }: Terms, atMs: number): Turn {
  if (state.role === 'leaving') return goneWhileLeaving(state);
  const count = state.count + 1;
  const life = state.term.slice(instanceId.length + 1).split('.')[0] ?? '';
  const next: Leadership = {
    ...state,
    role: 'standby',
    count,
    term: `${instanceId}.${life}.${count}`,
    token: 0,
    sureUntilMs: Number.NEGATIVE_INFINITY,
    provenUntilMs: Number.NEGATIVE_INFINITY,
    unprovenSinceMs: undefined,
    lease: { ...state.lease, nextMs: atMs },
  };
  const release: Deed = { kind: 'release', term: state.term };
  return { state: next, deeds: state.role === 'owner' ? [{ kind: 'stepDown', reason }, release] : [release] };
}

/** It gives the shard away already; if it was still to be seen to whom, that is known now. */
const goneWhileLeaving = (state: Leadership): Turn =>
  state.decidesFromMs === undefined
    ? same(state)
    : {
        state: { ...state, decidesFromMs: undefined, sureUntilMs: Number.NEGATIVE_INFINITY },
        deeds: [{ kind: 'handOver' }],
      };

/**
 * Asterisk gives the name to whoever came last. If that is the next owner we are told by PostgreSQL too; if it is a
 * stranger, to take the name back at once would be a fight. So we go, and take nothing for a while.
 */
function replaced(state: Leadership, terms: Terms, atMs: number): Turn {
  const { state: next, deeds } = stepDown(state, 'replaced', terms, atMs);
  // Whose lease may have run out was followed by the next owner.
  if (next.role !== 'standby' || atMs >= state.provenUntilMs) return { state: next, deeds };
  const isFirst = atMs - state.restUntilMs > 10 * restMaxMs;
  const restMs = isFirst ? restFirstMs : Math.min(restMaxMs, state.restMs * 2);
  return { state: { ...next, restUntilMs: atMs + restMs, restMs }, deeds };
}

/**
 * Instances are often stopped together. So we serve on for the moment in which another one that is told to end too says
 * so, and only then ask Redis who stands by: nobody's callers are left to an instance that goes itself.
 */
function stop(state: Leadership, terms: Terms, atMs: number): Turn {
  switch (state.role) {
    case 'owner': {
      const decidesFromMs = atMs + terms.pollMs;
      return same({ ...state, role: 'leaving', decidesFromMs, lease: { ...state.lease, nextMs: decidesFromMs } });
    }
    case 'leaving':
    case 'ended':
      return same(state);
    case 'standby':
    case 'candidate':
      return { state: { ...state, role: 'ended' }, deeds: [{ kind: 'release', term: state.term }, { kind: 'end' }] };
  }
}
