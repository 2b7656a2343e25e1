import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adoptCall,
  agentLegIdOf,
  type Call,
  type CallInput,
  type CallStep,
  type PbxCommand,
  reduceCall,
} from '../../src/call/index.ts';
import {
  arrival,
  bridge,
  callerLeg,
  callId,
  ended,
  fact,
  failed,
  found,
  greeting,
  left,
  offered,
  policyWith,
  t0,
  tokenOf,
} from './fixtures.ts';

const seed = 20_260_101;

/** Any input at all, about legs and offers that exist, have existed, or never did. */
const attempt = fc.integer({ min: 1, max: 5 });
const legId = fc.oneof(
  fc.constant(callerLeg),
  attempt.map((n) => agentLegIdOf(callId, n)),
);
const agentId = fc.constantFrom('ann', 'bob');
const target = fc.constantFrom(
  { kind: 'queue', queueId: 'service' } as const,
  { kind: 'agent', agentId: 'bob' } as const,
  { kind: 'number', number: '10086' } as const,
  { kind: 'dialplan', context: 'ivr', extension: 's', priority: 1 } as const,
  { kind: 'hangup' } as const,
);
const failure = fc.constantFrom('gone', 'refused', 'timeout', 'unavailable');
const bareFact = fc.constantFrom('legEntered', 'legRinging', 'legAnswered', 'legHeld', 'legUnheld');
const untimed: fc.Arbitrary<CallInput> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(bareFact, legId).map(([kind, leg]) => fact({ kind, legId: leg })) },
  {
    weight: 2,
    arbitrary: fc.tuple(legId, fc.constantFrom(0, 16, 17, 19, 20, 21)).map(([leg, cause]) => ended(leg, cause)),
  },
  { weight: 1, arbitrary: legId.map(left) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(attempt, fc.constantFrom('ring' as const, 'accept' as const), agentId)
      .map(([n, mode, agent]) => offered(n, mode, agent)),
  },
  { weight: 5, arbitrary: legId.map((leg): CallInput => ({ kind: 'joined', legIds: [callerLeg, leg], atMs: t0 })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('offerExpired' as const, 'offerWithdrawn' as const), attempt, agentId)
      .map(([kind, n, agent]): CallInput => ({ kind, token: tokenOf(n, agent), atMs: t0 })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(agentId, fc.constantFrom('accept' as const, 'reject' as const))
      .map(([id, kind]) => ({ kind, agentId: id, atMs: t0 })),
  },
  { weight: 2, arbitrary: fc.tuple(fc.boolean(), fc.boolean()).map(([vip, late]) => found({ vip }, late)) },
  { weight: 2, arbitrary: target.map((to): CallInput => ({ kind: 'transfer', target: to, atMs: t0 })) },
  {
    weight: 1,
    arbitrary: target.map((to): CallInput => ({ kind: 'overflowed', target: to, reason: 'maxWait', atMs: t0 })),
  },
  { weight: 2, arbitrary: fc.constantFrom('hold' as const, 'resume' as const).map((kind) => ({ kind, atMs: t0 })) },
  { weight: 1, arbitrary: agentId.map((id): CallInput => ({ kind: 'wrapUpEnded', agentId: id, atMs: t0 })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { kind: 'timerFired' as const, timer: 'greeting' as const, atMs: t0 },
      { kind: 'recovered' as const, atMs: t0 },
    ),
  },
  { weight: 1, arbitrary: fc.constant(fact({ kind: 'playbackEnded', playbackId: greeting, failed: false })) },
  { weight: 1, arbitrary: fc.constant(fact({ kind: 'bridgeEnded', bridgeId: bridge })) },
  { weight: 1, arbitrary: fc.constant<CallInput>({ kind: 'attachData', data: { a: '1' }, atMs: t0 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(legId, failure)
      .map(([leg, why]) => failed({ kind: 'join', bridgeId: bridge, legIds: [callerLeg, leg] }, why)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(legId, failure)
      .map(([leg, why]) => failed({ kind: 'startMusic', legId: leg, musicClass: 'default' } satisfies PbxCommand, why)),
  },
);

type Moved = { readonly input: CallInput; readonly afterMs: number };
const moves = fc.array(fc.record({ input: untimed, afterMs: fc.constantFrom(0, 1, 500, 3000) }), {
  minLength: 1,
  maxLength: 200,
  size: 'max',
});

/** Plays inputs to a call, with the clock going on, and hands each step to `check`. */
function play(first: Call, list: readonly Moved[], check: (before: Call, step: CallStep) => void): Call {
  const policy = policyWith();
  let call = first;
  let atMs = t0;
  for (const { input, afterMs } of list) {
    atMs += afterMs;
    const timed = input.kind === 'pbx' ? { ...input, atMs, fact: { ...input.fact, atMs } } : { ...input, atMs };
    const step = reduceCall(call, timed, policy);
    check(call, step);
    call = step.call;
  }
  return call;
}

const assertAlways = (check: (list: readonly Moved[]) => void): void =>
  fc.assert(fc.property(moves, check), { seed, numRuns: 300 });

/** `expect` is too slow for some hundred thousand steps. */
function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

const talks = new Set(['talking', 'held', 'wrapUp']);

describe('whatever happens to a call', () => {
  it('versions count the events, an ended call stays ended, the state is plain data', () =>
    assertAlways((list) => {
      play(arrival().call, list, (before, { call, events, effects }) => {
        events.forEach((told, index) => must(told.call.version === before.version + 1 + index, 'a version is missing'));
        must(call.version === before.version + events.length, 'the version is not that of the last event');
        if (before.phase === 'ended') must(call === before && effects.length === 0, 'an ended call moved');
      });
    }));

  it('survives the store: a call read back behaves as the one kept', () =>
    assertAlways((list) => {
      const last = play(arrival().call, list, () => {});
      const again = JSON.parse(JSON.stringify(last)) as Call;
      expect(again).toEqual(last);
      for (const kind of ['hangUp', 'recovered', 'draining'] as const) {
        const input = { kind, atMs: last.phaseSinceMs };
        const [kept, read] = [last, again].map((call) => reduceCall(call, input, policyWith()));
        expect(read).toEqual(kept);
      }
    }));

  it('an offer stands only while offering, a conversation only from talking to wrap-up', () =>
    assertAlways((list) => {
      play(arrival().call, list, (_before, { call }) => {
        must((call.offer !== undefined) === (call.phase === 'offering'), `offer in ${call.phase}`);
        if (call.phase !== 'ended') must((call.talk !== undefined) === talks.has(call.phase), `talk in ${call.phase}`);
        must((call.endReason !== undefined) === (call.phase === 'ended'), `end reason in ${call.phase}`);
        must(call.phase !== 'wrapUp' || call.talkedMs >= call.heldMs, 'longer on hold than in conversation');
      });
    }));

  it('the PBX is asked only about the caller and about phones that were dialled', () =>
    assertAlways((list) => {
      const known = new Set([callerLeg]);
      play(arrival().call, list, (_before, { effects }) => {
        for (const effect of effects) {
          if (effect.kind !== 'pbx') continue;
          const { command } = effect;
          if (command.kind === 'dial') known.add(command.legId);
          // A phone that says it is ours without an offer is hung up, and nothing else.
          if (command.kind === 'hangup') continue;
          const legIds = 'legIds' in command ? command.legIds : 'legId' in command ? [command.legId] : [];
          for (const one of legIds) must(known.has(one), `${command.kind} of unknown ${one}`);
        }
      });
    }));

  it('an answered offer ends in one talkEnded, any other in one offerEnded', () =>
    assertAlways((list) => {
      let talking = 0;
      const last = play(arrival().call, [...list, hangUp], (before, { call, effects }) => {
        const kinds = effects.map(({ kind }) => kind);
        const standing = before.offer && before.offer.stage !== 'answered' ? before.offer.token : undefined;
        const given = effects.filter((effect) => effect.kind === 'offerEnded' && effect.token === standing).length;
        const taken = kinds.filter((kind) => kind === 'offerAnswered').length;
        const stands = call.offer?.token === standing && call.offer?.stage !== 'answered';
        // A restart gives nothing back: the routing of the new life holds no reservation.
        if (standing && !stands && !kinds.includes('enqueue')) must(given + taken === 1, 'a reservation leaks');
        if (stands) must(given + taken === 0, 'a standing offer was given back');
        for (const kind of kinds) talking += kind === 'offerAnswered' ? 1 : kind === 'talkEnded' ? -1 : 0;
        must(talking === 0 || talking === 1, `${talking} conversations`);
      });
      must(talks.has(last.phase) || last.phase === 'ended', `left in ${last.phase}`);
      must(talking === 0, 'an agent stays in conversation');
    }));

  it('also when it begins as an adopted conversation', () =>
    assertAlways((list) => {
      let talking = 1;
      play(adopted(), [...list, hangUp], (_before, { effects }) => {
        for (const { kind } of effects) talking += kind === 'offerAnswered' ? 1 : kind === 'talkEnded' ? -1 : 0;
        must(talking === 0 || talking === 1, `${talking} conversations`);
      });
      must(talking === 0, 'an agent stays in conversation');
    }));
});

const hangUp: Moved = { input: ended(callerLeg), afterMs: 1 };

function adopted(): Call {
  const record = { id: callId, entryId: 'hotline', queueId: 'sales', enteredAtMs: t0, queuedAtMs: t0, attempts: 0 };
  const leg = {
    legId: callerLeg,
    answered: true,
    callerNumber: '1',
    callerName: '',
    dialledNumber: '4001',
    variables: {},
  };
  return adoptCall('pbx1', leg, record, { agentId: 'ann', legId: agentLegIdOf(callId, 1) }, t0);
}
