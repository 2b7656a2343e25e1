import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adoptCall,
  agentLegIdOf,
  bridgeLegsOf,
  type Call,
  type CallInput,
  type CallStep,
  type PbxCommand,
  reduceCall,
  sameOffer,
} from '../../src/call/index.ts';
import {
  action,
  arrival,
  bridge,
  callerLeg,
  callId,
  callIn,
  consult,
  ended,
  fact,
  failed,
  found,
  greeting,
  left,
  offered,
  type Place,
  policyWith,
  run,
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
const agentId = fc.constantFrom('ann', 'bob', 'cid');
const target = fc.constantFrom(
  { kind: 'queue', queueId: 'service' } as const,
  { kind: 'agent', agentId: 'bob' } as const,
  { kind: 'callback', queueId: 'service' } as const,
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
      .tuple(attempt, fc.constantFrom('ring' as const, 'accept' as const), agentId, fc.constantFrom(true, undefined))
      .map(([n, mode, agent, beside]) => offered(n, mode, agent, beside)),
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
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom('bob', 'number'), attempt).map(([whom, n]) => consult(whom as 'bob', n)),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom(action('complete'), action('cancel'), action('swap'), action('merge'), {
      kind: 'leaveConsult' as const,
      atMs: t0,
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(agentId, fc.boolean())
      .map(([id, muted]): CallInput => ({ kind: 'mute', agentId: id, muted, atMs: t0 })),
  },
  { weight: 1, arbitrary: fc.constant<CallInput>({ kind: 'sendKeys', digits: '12#', atMs: t0 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(legId, failure)
      .map(([leg, why]) => failed({ kind: 'join', bridgeId: bridge, legIds: [leg] }, why)),
  },
  { weight: 1, arbitrary: agentId.map((id): CallInput => ({ kind: 'wrapUpEnded', agentId: id, atMs: t0 })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { kind: 'timerFired' as const, timer: 'greeting' as const, atMs: t0 },
      { kind: 'timerFired' as const, timer: 'consult' as const, atMs: t0 },
      { kind: 'recovered' as const, astray: [callerLeg, agentLegIdOf(callId, 2)], atMs: t0 },
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
function play(
  first: Call,
  list: readonly Moved[],
  check: (before: Call, step: CallStep, input: CallInput) => void,
): Call {
  const policy = policyWith();
  let call = first;
  let atMs = t0;
  for (const { input, afterMs } of list) {
    atMs += afterMs;
    const timed = input.kind === 'pbx' ? { ...input, atMs, fact: { ...input.fact, atMs } } : { ...input, atMs };
    const step = reduceCall(call, timed, policy);
    check(call, step, timed);
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
        must((call.offers !== undefined) === (call.phase === 'offering'), `offer in ${call.phase}`);
        must(call.offers?.length !== 0, 'a list of no offers');
        if (call.phase !== 'ended') must((call.talk !== undefined) === talks.has(call.phase), `talk in ${call.phase}`);
        must((call.endReason !== undefined) === (call.phase === 'ended'), `end reason in ${call.phase}`);
        must(call.phase !== 'wrapUp' || call.talkedMs >= call.heldMs, 'longer on hold than in conversation');
      });
    }));

  it('the PBX is asked only about the caller and about phones that were dialled, or have answered all the same', () =>
    assertAlways((list) => {
      const known = new Set([callerLeg]);
      play(arrival().call, list, (_before, { effects }, input) => {
        // A state that a store kept may be older than the dialling.
        if (input.kind === 'pbx' && input.fact.kind === 'legAnswered') known.add(input.fact.legId);
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
        for (const { token } of (before.offers ?? []).filter(({ stage }) => stage !== 'answered')) {
          const told = effects.filter((effect) => 'token' in effect && effect.token === token).length;
          const stands = (call.offers ?? []).some((offer) => offer.token === token && offer.stage !== 'answered');
          // A restart gives nothing back: the routing of the new life holds no reservation.
          if (!stands && !kinds.includes('enqueue')) must(told === 1, 'a reservation leaks');
          if (stands) must(told === 0, 'a standing offer was given back');
        }
        for (const kind of kinds) talking += kind === 'offerAnswered' ? 1 : kind === 'talkEnded' ? -1 : 0;
        must(talking === talkers(call), `${talking} conversations`);
      });
      must(talks.has(last.phase) || last.phase === 'ended', `left in ${last.phase}`);
      must(talking === 0, 'an agent stays in conversation');
    }));

  it('also when it begins as an adopted conversation', () =>
    assertAlways((list) => {
      let talking = 1;
      play(adopted(), [...list, hangUp], (_before, { call, effects }) => {
        for (const { kind } of effects) talking += kind === 'offerAnswered' ? 1 : kind === 'talkEnded' ? -1 : 0;
        must(talking === talkers(call), `${talking} conversations`);
      });
      must(talking === 0, 'an agent stays in conversation');
    }));
});

describe('whatever happens to a conversation', () => {
  const talksFirst = fc.constantFrom<Place>('talking', 'asking', 'askingOutside', 'private', 'swapped', 'conference');
  const assertFrom = (check: (place: Place, list: readonly Moved[]) => void): void =>
    fc.assert(fc.property(talksFirst, moves, check), { seed, numRuns: 600 });

  it('every agent who is reserved or talks is given back once', () =>
    assertFrom((place, list) => {
      const last = play(callIn(place), [...list, hangUp], (before, { call, effects }, input) => {
        const count = (kind: string): number => effects.filter((effect) => effect.kind === kind).length;
        const answered = count('offerAnswered');
        must(talkers(call) === talkers(before) + answered - count('talkEnded'), 'an agent stays in conversation');
        if (before.phase === 'offering' && input.kind === 'recovered') return;
        const news = newToken(before, input) ? 1 : 0;
        must(reserved(call) === reserved(before) + news - answered - count('offerEnded'), 'a reservation leaks');
      });
      must(talkers(last) === 0 && reserved(last) === 0, 'somebody is left');
    }));

  it('whom the state says to be in the bridge has been put there, and nobody else', () =>
    assertFrom((place, list) => {
      const inBridge = new Set<string>(bridgeLegsOf(callIn(place)));
      let isKnown = true;
      play(callIn(place), list, (before, { call, effects }, input) => {
        // Without the link nobody knows what became of a join; the comparison after it tells.
        if (input.kind === 'commandFailed') isKnown = false;
        if (input.kind === 'pbx' && input.fact.kind === 'bridgeEnded') inBridge.clear();
        if (input.kind === 'pbx' && (input.fact.kind === 'legEnded' || input.fact.kind === 'legLeft'))
          inBridge.delete(input.fact.legId);
        for (const effect of effects) {
          if (effect.kind !== 'pbx') continue;
          const { command } = effect;
          if (command.kind === 'join') for (const one of command.legIds) inBridge.add(one);
          if (command.kind === 'separate' || command.kind === 'hangup') inBridge.delete(command.legId);
        }
        const phases = ['talking', 'held', 'outside'];
        if (!isKnown || !phases.includes(call.phase) || before.phase === 'offering') return;
        must(
          [...inBridge].sort().join() === [...bridgeLegsOf(call)].sort().join(),
          `${[...inBridge].join()} are joined`,
        );
      });
    }));
});

describe('whatever happens to phones that ring at once', () => {
  const several = ['ann', 'bob', 'cid'].map((name, index) =>
    offered(index + 1, 'ring', name, index > 0 ? true : undefined),
  );
  const rung = run(callIn('waiting'), several).call;
  const assertRung = (check: (first: Call, list: readonly Moved[]) => void): void =>
    fc.assert(
      fc.property(moves, (list) => check(rung, list)),
      { seed, numRuns: 300 },
    );

  it('phones that ring at once are of different agents, on legs of their own; whoever answers is alone', () =>
    assertRung((first, list) => {
      play(first, list, (_before, { call: { offers = [] } }) => {
        must(new Set(offers.map(({ token }) => token.agentId)).size === offers.length, 'an agent is rung twice');
        must(new Set(offers.map(({ legId: id }) => id)).size === offers.length, 'two legs of one name');
        must(offers.length <= 1 || offers.every(({ stage }) => stage !== 'answered'), 'others ring on after an answer');
      });
    }));

  it('a phone that was dialled and is not wanted any more is hung up', () =>
    assertRung((first, list) => {
      const ringing = new Set((first.offers ?? []).map(({ legId: id }) => id));
      play(first, list, (_before, { call, effects }, input) => {
        if (input.kind === 'pbx' && input.fact.kind === 'legEnded') ringing.delete(input.fact.legId);
        if (input.kind === 'commandFailed' && 'legId' in input.command) ringing.delete(input.command.legId);
        for (const effect of effects) {
          if (effect.kind !== 'pbx') continue;
          if (effect.command.kind === 'dial') ringing.add(effect.command.legId);
          if (effect.command.kind === 'hangup') ringing.delete(effect.command.legId);
        }
        const wanted = [...(call.offers ?? []).map(({ legId: id }) => id), call.talk?.legId, call.consult?.legId];
        for (const id of call.phase === 'ended' ? [] : ringing) must(wanted.includes(id), `${id} rings for nothing`);
      });
    }));

  it('every agent who is reserved or talks is given back once', () =>
    assertRung((first, list) => {
      const last = play(first, [...list, hangUp], (before, { call, effects }, input) => {
        const count = (kind: string): number => effects.filter((effect) => effect.kind === kind).length;
        const answered = count('offerAnswered');
        must(talkers(call) === talkers(before) + answered - count('talkEnded'), 'an agent stays in conversation');
        if (before.phase === 'offering' && input.kind === 'recovered') return;
        const news = newToken(before, input) ? 1 : 0;
        must(reserved(call) === reserved(before) + news - answered - count('offerEnded'), 'a reservation leaks');
      });
      must(talkers(last) === 0 && reserved(last) === 0, 'somebody is left');
    }));
});

/** How many agents are in conversation, or being joined. */
function talkers({ consult: asked, offers = [], phase, talk }: Call): number {
  const isTalk = talk !== undefined && (phase === 'talking' || phase === 'held');
  const isAsked = asked?.stage === 'answered' && asked.party.kind === 'agent';
  return [offers.some(({ stage }) => stage === 'answered'), isTalk, isAsked].filter(Boolean).length;
}

/** How many agents are reserved and have not answered. */
function reserved({ consult: asked, offers = [] }: Call): number {
  const offered = offers.filter(({ stage }) => stage !== 'answered').length;
  const isAsked = asked !== undefined && asked.stage !== 'answered' && asked.party.kind === 'agent';
  return offered + (isAsked ? 1 : 0);
}

/** Whether an input brings a reservation that the call does not have. */
function newToken({ consult: asked, offers = [], phase }: Call, input: CallInput): boolean {
  if (phase === 'ended') return false;
  if (input.kind === 'offered') return !offers.some(({ token }) => sameOffer(token, input.token));
  if (input.kind !== 'consult' || input.found.kind !== 'agent') return false;
  return !(asked?.party.kind === 'agent' && sameOffer(asked.party.token, input.found.token));
}

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
  return adoptCall(
    'pbx1',
    leg,
    record,
    { talk: { agentId: 'ann', legId: agentLegIdOf(callId, 1) }, isBridged: true },
    t0,
  );
}
