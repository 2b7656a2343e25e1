import { describe, expect, it } from 'vitest';
import {
  type Agent,
  type AgentInput,
  endpointOf,
  newAgent,
  recordOf,
  reduceAgent,
  restoredAgent,
} from '../../src/agents/index.ts';
import type { OfferOutcome, OfferToken } from '../../src/call/index.ts';

const t0 = 1_800_000_000_000;
const later = t0 + 60_000;
const profile = { id: 'ann', name: 'Ann', endpoint: 'PJSIP/ann', skills: {}, queues: ['sales'] };
const token: OfferToken = { callId: 'rm-1', agentId: 'ann', attempt: 1, epoch: 'e1', expiresAtMs: t0 + 20_000 };

const chat: OfferToken = { ...token, callId: 'chat-1', channel: 'chat' };
const other: OfferToken = { ...chat, callId: 'chat-2' };

const offered: AgentInput = { kind: 'offered', token };
const answered: AgentInput = { kind: 'offerAnswered', token };
const ended = (outcome: OfferOutcome, of = token): AgentInput => ({
  kind: 'offerEnded',
  token: of,
  outcome,
  cooldownMs: 5000,
  noAnswerLimit: 2,
});
const talkEnded = (wrapUpMs: number, callId = 'rm-1') => ({
  kind: 'talkEnded' as const,
  callId,
  wrapUpMs,
  cooldownMs: 0,
});
const pause: AgentInput = { kind: 'pause', reason: 'lunch' };

const states = {
  signedOut: [],
  idle: [{ kind: 'signIn' }],
  paused: [{ kind: 'signIn' }, pause],
  offered: [{ kind: 'signIn' }, offered],
  talking: [{ kind: 'signIn' }, offered, answered],
  wrapUp: [{ kind: 'signIn' }, offered, answered, talkEnded(10_000)],
  pausedTalking: [{ kind: 'signIn' }, offered, answered, pause],
  signedOutTalking: [{ kind: 'signIn' }, offered, answered, { kind: 'signOut' }],
  extendable: [{ kind: 'signIn' }, offered, answered, { ...talkEnded(10_000), wrapUpMaxMs: 25_000 }],
  chatting: [{ kind: 'signIn' }, { kind: 'offered', token: chat }, { kind: 'offerAnswered', token: chat }],
  chattingTwice: [
    { kind: 'signIn' },
    { kind: 'offered', token: chat },
    { kind: 'offerAnswered', token: chat },
    { kind: 'offered', token: other },
    { kind: 'offerAnswered', token: other },
  ],
  chatOfferedMore: [
    { kind: 'signIn' },
    { kind: 'offered', token: chat },
    { kind: 'offerAnswered', token: chat },
    { kind: 'offered', token: other },
  ],
} as const satisfies Record<string, readonly AgentInput[]>;
type State = keyof typeof states;

const agentIn = (state: State): Agent =>
  states[state].reduce((agent: Agent, input) => reduceAgent(agent, input, t0), newAgent(profile, t0));
const names = Object.keys(states) as State[];

/** `presence/routing` after each input; undefined: nothing changes. */
const inputs = {
  signIn: { kind: 'signIn' },
  signOut: { kind: 'signOut' },
  setAvailable: { kind: 'setAvailable' },
  pause: { kind: 'pause', reason: 'lunch' },
  declined: ended('declined'),
  answered,
  talkEnded: talkEnded(10_000),
  talkEndedNoWrapUp: talkEnded(0),
  wrapUpEnded: { kind: 'wrapUpEnded' },
  otherOffer: ended('declined', { ...token, attempt: 2 }),
  otherLife: ended('declined', { ...token, epoch: 'e0' }),
  otherCall: talkEnded(0, 'rm-2'),
  sameDevice: { kind: 'deviceChanged', state: 'unknown' },
  offered: { kind: 'offered', token: { ...token, attempt: 9 } },
  extend: { kind: 'wrapUpExtended', byMs: 10_000 },
  chosen: { kind: 'deviceChosen', device: 'mobile' },
  skills: { kind: 'skillsGiven', skills: { en: 60 }, by: 'boss' },
  chatEnded: talkEnded(10_000, 'chat-1'),
  chatEndedNoWrapUp: talkEnded(0, 'chat-1'),
  chatTaken: { kind: 'offerAnswered', token: other },
  chatDeclined: ended('declined', other),
} as const satisfies Record<string, AgentInput>;
type Input = keyof typeof inputs;

/** These say nothing of what the agent does, so they leave presence and routing as they are, in any state. */
const beside: readonly Input[] = ['chosen', 'skills'];

const table: Record<State, Partial<Record<Input, string>>> = {
  signedOut: { signIn: 'available/idle', offered: 'signedOut/offered' },
  idle: { signOut: 'signedOut/idle', pause: 'paused/idle', offered: 'available/offered' },
  paused: { signOut: 'signedOut/idle', setAvailable: 'available/idle', offered: 'paused/offered' },
  offered: {
    signOut: 'signedOut/offered',
    pause: 'paused/offered',
    declined: 'available/idle',
    answered: 'available/talking',
  },
  talking: {
    signOut: 'signedOut/talking',
    pause: 'paused/talking',
    talkEnded: 'available/wrapUp',
    talkEndedNoWrapUp: 'available/idle',
  },
  wrapUp: { signOut: 'signedOut/wrapUp', pause: 'paused/wrapUp', wrapUpEnded: 'available/idle' },
  pausedTalking: {
    signOut: 'signedOut/talking',
    setAvailable: 'available/talking',
    talkEnded: 'paused/wrapUp',
    talkEndedNoWrapUp: 'paused/idle',
  },
  signedOutTalking: {
    signIn: 'available/talking',
    talkEnded: 'signedOut/wrapUp',
    talkEndedNoWrapUp: 'signedOut/idle',
  },
  extendable: {
    signOut: 'signedOut/wrapUp',
    pause: 'paused/wrapUp',
    wrapUpEnded: 'available/idle',
    extend: 'available/wrapUp',
  },
  chatting: {
    signOut: 'signedOut/idle',
    pause: 'paused/idle',
    offered: 'available/offered',
    chatEnded: 'available/wrapUp',
    chatEndedNoWrapUp: 'available/idle',
  },
  chattingTwice: {
    signOut: 'signedOut/idle',
    pause: 'paused/idle',
    offered: 'available/offered',
    chatEnded: 'available/idle',
    chatEndedNoWrapUp: 'available/idle',
  },
  chatOfferedMore: {
    signOut: 'signedOut/offered',
    pause: 'paused/offered',
    chatEnded: 'available/offered',
    chatEndedNoWrapUp: 'available/offered',
    chatTaken: 'available/idle',
    chatDeclined: 'available/idle',
  },
};

describe('every input in every state', () => {
  const cases = names.flatMap((state) => (Object.keys(inputs) as Input[]).map((input) => [state, input] as const));
  it.each(cases)('%s, %s', (state, input) => {
    const before = agentIn(state);
    const after = reduceAgent(before, inputs[input], later);
    const same = `${before.presence}/${before.routing}`;
    const expected = beside.includes(input) ? same : table[state][input];
    expect(after === before ? undefined : `${after.presence}/${after.routing}`).toBe(expected);
    expect(after.version).toBe(before.version + (expected === undefined ? 0 : 1));
  });
});

describe('chats in hand', () => {
  const inHand = (state: State, ...then: readonly AgentInput[]): readonly (string | undefined)[] => {
    const agent = then.reduce((before: Agent, input) => reduceAgent(before, input, later), agentIn(state));
    return [...(agent.contacts ?? []).map(({ callId }) => callId), agent.callId];
  };
  it.each([
    ['chatting', [], ['chat-1', undefined]],
    ['chattingTwice', [inputs.chatEnded], ['chat-2', undefined]],
    ['chattingTwice', [inputs.chatEnded, talkEnded(10_000, 'chat-2')], ['chat-2']],
    ['chattingTwice', [inputs.chatEnded, talkEnded(10_000, 'chat-2'), inputs.wrapUpEnded], [undefined]],
    ['chattingTwice', [inputs.signOut], ['chat-1', 'chat-2', undefined]],
    ['chatOfferedMore', [inputs.chatTaken], ['chat-1', 'chat-2', undefined]],
    ['chatOfferedMore', [inputs.chatDeclined], ['chat-1', undefined]],
    ['chatOfferedMore', [inputs.chatEnded], ['chat-2']],
  ] as const)('%s, %j', (state, then, expected) => {
    expect(inHand(state, ...then)).toEqual(expected);
  });
  it('who has taken one has been without for no time, and has let none ring out', () => {
    const rungOut = reduceAgent(reduceAgent(agentIn('idle'), offered, t0), ended('noAnswer'), t0);
    const asked = reduceAgent(rungOut, { kind: 'offered', token: chat }, later);
    expect(reduceAgent(asked, { kind: 'offerAnswered', token: chat }, later)).toMatchObject({
      idleSinceMs: later,
      unanswered: 0,
      routing: 'idle',
    });
  });
  it('the agent answered one and was gone: rests, also with another in hand', () => {
    const dropped: AgentInput = { ...talkEnded(0, 'chat-1'), cooldownMs: 3000 };
    expect(reduceAgent(agentIn('chattingTwice'), dropped, later).cooldownUntilMs).toBe(later + 3000);
    expect(reduceAgent(agentIn('chatting'), dropped, later).cooldownUntilMs).toBe(later + 3000);
  });
  it('one that ends makes no rest shorter', () => {
    const rests = reduceAgent(agentIn('chatOfferedMore'), inputs.chatDeclined, later);
    expect(reduceAgent(rests, inputs.chatEndedNoWrapUp, later + 1000).cooldownUntilMs).toBe(later + 5000);
  });
  it('are kept over a restart', () => {
    const before = agentIn('chattingTwice');
    expect(restoredAgent(agentIn('signedOut'), recordOf(before)).contacts).toEqual(before.contacts);
  });
});

describe('who has just come', () => {
  it.each(['signedOut', 'paused'] as const)('from %s is last in line', (state) => {
    const input: AgentInput = state === 'paused' ? { kind: 'setAvailable' } : { kind: 'signIn' };
    expect(reduceAgent(agentIn(state), input, later)).toMatchObject({ idleSinceMs: later, unanswered: 0 });
  });
  it('while still talking keeps the conversation', () => {
    const after = reduceAgent(agentIn('signedOutTalking'), { kind: 'signIn' }, later);
    expect(after).toMatchObject({ routing: 'talking', callId: 'rm-1', idleSinceMs: t0 });
  });
});

describe('an offer that ended', () => {
  it.each([
    ['declined', later, 0],
    ['busy', later, 0],
    ['unreachable', later, 0],
    ['noAnswer', later, 1],
    ['callerLeft', t0, 0],
    ['withdrawn', t0, 0],
  ] as const)('%s: place in line and count', (outcome, idleSinceMs, unanswered) => {
    const after = reduceAgent(agentIn('offered'), ended(outcome), later);
    expect(after).toMatchObject({ routing: 'idle', idleSinceMs, unanswered, cooldownUntilMs: later + 5000 });
    expect([after.offer, after.callId]).toEqual([undefined, undefined]);
  });

  const ringOut = (agent: Agent): Agent => reduceAgent(reduceAgent(agent, offered, t0), ended('noAnswer'), later);
  it('twice not answered: paused, with the reason', () => {
    const twice = ringOut(ringOut(agentIn('idle')));
    expect(twice).toMatchObject({ presence: 'paused', pauseReason: 'noAnswer', unanswered: 2 });
  });
  it.each(['declined', 'busy', 'unreachable'] as const)('%s in between begins the count anew', (outcome) => {
    const once = reduceAgent(reduceAgent(ringOut(agentIn('idle')), offered, t0), ended(outcome), later);
    expect(ringOut(once)).toMatchObject({ presence: 'available', unanswered: 1 });
  });
  it.each(['callerLeft', 'withdrawn'] as const)('%s in between does not', (outcome) => {
    const once = reduceAgent(reduceAgent(ringOut(agentIn('idle')), offered, t0), ended(outcome), later);
    expect(ringOut(once)).toMatchObject({ presence: 'paused', pauseReason: 'noAnswer' });
  });
  it('an answer begins the count anew', () => {
    const talked = [offered, answered, talkEnded(0)].reduce(
      (agent, input) => reduceAgent(agent, input, t0),
      ringOut(agentIn('idle')),
    );
    expect(talked.unanswered).toBe(0);
  });
  it('does not overwrite the reason of a pause', () => {
    const resting = [offered, pause, ended('noAnswer')].reduce(
      (agent, input) => reduceAgent(agent, input, t0),
      ringOut(agentIn('idle')),
    );
    expect(resting.pauseReason).toBe('lunch');
  });
});

describe('a rest that runs while the agent dials out himself', () => {
  const own: OfferToken = { ...token, callId: 'rm-own' };
  const freely = (outcome: OfferOutcome): AgentInput => ({ ...ended(outcome, own), cooldownMs: 0 }) as AgentInput;
  const taken: AgentInput = { kind: 'offerAnswered', token: own };
  const kept: AgentInput = { ...taken, keepsIdle: true };
  const over = (wrapUpMs: number, cooldownMs = 0): AgentInput => ({ ...talkEnded(wrapUpMs, 'rm-own'), cooldownMs });
  /** Declined at t0 with a rest of 5 s; all else happens 1 s later. */
  const soon = t0 + 1000;
  const restsUntil = (...then: readonly AgentInput[]): Agent => {
    const rests = reduceAgent(agentIn('offered'), ended('declined'), t0);
    return [{ kind: 'offered', token: own } as const, ...then].reduce(
      (agent: Agent, input) => reduceAgent(agent, input, soon),
      rests,
    );
  };
  it.each<[string, readonly AgentInput[], number, number]>([
    ['ends without wrap-up', [taken, over(0)], t0 + 5000, soon],
    ['ends without wrap-up, and does not count for the idle time', [kept, over(0)], t0 + 5000, t0],
    ['is written up for a moment', [taken, over(1), { kind: 'wrapUpEnded' }], t0 + 5000, soon],
    ['is left by the agent, which brings a longer rest', [taken, over(0, 30_000)], soon + 30_000, soon],
    ['is given up before the phone answered', [freely('callerLeft')], t0 + 5000, t0],
    ['is taken back', [freely('withdrawn')], t0 + 5000, t0],
  ])('when that call %s', (_, then, cooldownUntilMs, idleSinceMs) => {
    expect(restsUntil(...then)).toMatchObject({ routing: 'idle', cooldownUntilMs, idleSinceMs });
  });
});

describe('a pause', () => {
  it('with the same reason again changes nothing, with another it does', () => {
    const paused = agentIn('paused');
    expect(reduceAgent(paused, pause, later)).toBe(paused);
    expect(reduceAgent(paused, { kind: 'pause', reason: 'training' }, later).pauseReason).toBe('training');
  });
});

describe('wrap-up', () => {
  it('is timed, and tied to the call of this agent only (opensips#2679)', () => {
    const after = reduceAgent(agentIn('talking'), talkEnded(10_000), later);
    expect(after).toMatchObject({ wrapUpUntilMs: later + 10_000, callId: 'rm-1' });
    expect(reduceAgent(after, talkEnded(0, 'rm-2'), later)).toBe(after);
  });
  it('leaves the agent last in line', () => {
    expect(reduceAgent(agentIn('wrapUp'), { kind: 'wrapUpEnded' }, later)).toMatchObject({
      routing: 'idle',
      idleSinceMs: later,
      wrapUpUntilMs: undefined,
      callId: undefined,
    });
  });
});

it('a change of the phone is a change of the agent, in any state', () => {
  for (const name of names) {
    const after = reduceAgent(agentIn(name), { kind: 'deviceChanged', state: 'inUse' }, later);
    expect(after).toMatchObject({ device: 'inUse', version: agentIn(name).version + 1 });
  }
});

describe('wrap-up that can be put off', () => {
  const extend: AgentInput = { kind: 'wrapUpExtended', byMs: 10_000 };
  it('ends later, at the latest at its limit', () => {
    const once = reduceAgent(agentIn('extendable'), extend, t0 + 5_000);
    expect(once).toMatchObject({ wrapUpUntilMs: t0 + 20_000, wrapUpMaxUntilMs: t0 + 25_000 });
    const twice = reduceAgent(once, extend, t0 + 15_000);
    expect(twice.wrapUpUntilMs).toBe(t0 + 25_000);
    expect(reduceAgent(twice, extend, t0 + 20_000)).toBe(twice);
  });
  it('does not lend its limit to the next one', () => {
    const next = [{ kind: 'wrapUpEnded' } as const, offered, answered, talkEnded(10_000)].reduce(
      (agent: Agent, input) => reduceAgent(agent, input, later),
      agentIn('extendable'),
    );
    expect(reduceAgent(next, extend, later)).toBe(next);
  });
});

describe('who asked for it', () => {
  it('is told until the agent changes something alone', () => {
    const forced = reduceAgent(agentIn('idle'), { kind: 'pause', reason: 'meeting', by: 'boss' }, later);
    expect(forced).toMatchObject({ presence: 'paused', pauseReason: 'meeting', changedBy: 'boss' });
    expect(reduceAgent(forced, { kind: 'setAvailable' }, later).changedBy).toBeUndefined();
    const out = reduceAgent(agentIn('talking'), { kind: 'signOut', by: 'boss' }, later);
    expect(out).toMatchObject({ presence: 'signedOut', routing: 'talking', changedBy: 'boss' });
  });
  it('is nobody for the pause that unanswered calls bring', () => {
    const given = reduceAgent(agentIn('idle'), { kind: 'skillsGiven', skills: {}, by: 'boss' }, t0);
    const out = [offered, ended('noAnswer'), offered, ended('noAnswer')].reduce(
      (agent, input) => reduceAgent(agent, input, t0),
      given,
    );
    expect([out.pauseReason, out.changedBy]).toEqual(['noAnswer', undefined]);
  });
  it('productive or not is known of the pause, and gone with it', () => {
    const paused = reduceAgent(agentIn('idle'), { kind: 'pause', reason: 'mail', productive: true }, later);
    expect(paused.pauseProductive).toBe(true);
    expect(reduceAgent(paused, pause, later).pauseProductive).toBeUndefined();
  });
});

describe('an agent with several phones', () => {
  const devices = [
    { id: 'desk', endpoint: 'PJSIP/ann' },
    { id: 'mobile', endpoint: 'PJSIP/ann-mobile' },
    { id: 'home', endpoint: 'Local/ann@home' },
  ];
  type State = Extract<AgentInput, { kind: 'deviceChanged' }>['state'];
  const phone = (id: number, state: State): AgentInput => ({
    kind: 'deviceChanged',
    endpoint: devices[id]?.endpoint,
    state,
  });
  const chosen = (device?: string): AgentInput => ({ kind: 'deviceChosen', device });
  const after = (...inputs: AgentInput[]): Agent =>
    inputs.reduce((agent, input) => reduceAgent(agent, input, t0), newAgent({ ...profile, devices }, t0));

  it.each<[string, AgentInput[], string, State]>([
    ['of none anything is known: the first', [], 'PJSIP/ann', 'unknown'],
    ['all are there: the first', [phone(0, 'notInUse'), phone(1, 'notInUse')], 'PJSIP/ann', 'notInUse'],
    [
      'the first is not there: the next',
      [phone(0, 'unavailable'), phone(1, 'notInUse')],
      'PJSIP/ann-mobile',
      'notInUse',
    ],
    ['the first comes back', [phone(0, 'unavailable'), phone(0, 'notInUse')], 'PJSIP/ann', 'notInUse'],
    ['none is there', [phone(0, 'invalid'), phone(1, 'unavailable'), phone(2, 'unavailable')], 'PJSIP/ann', 'invalid'],
    ['one is chosen', [phone(0, 'notInUse'), phone(1, 'notInUse'), chosen('mobile')], 'PJSIP/ann-mobile', 'notInUse'],
    [
      'the chosen one is not there: it stays the choice',
      [phone(1, 'unavailable'), chosen('mobile')],
      'PJSIP/ann-mobile',
      'unavailable',
    ],
    ['the choice is taken back', [chosen('mobile'), chosen()], 'PJSIP/ann', 'unknown'],
    ['the config has no such phone any more', [chosen('old')], 'PJSIP/ann', 'unknown'],
    ['another phone is in use', [phone(0, 'notInUse'), phone(2, 'inUse')], 'PJSIP/ann', 'inUse'],
    ['one rings while another is in use', [phone(0, 'ringing'), phone(2, 'onHold')], 'PJSIP/ann', 'ringInUse'],
    [
      'a phone of somebody else',
      [phone(0, 'notInUse'), { kind: 'deviceChanged', endpoint: 'PJSIP/x', state: 'inUse' }],
      'PJSIP/ann',
      'notInUse',
    ],
    [
      'the link is gone: nobody stays busy',
      [phone(0, 'inUse'), { kind: 'deviceChanged', state: 'unknown' }],
      'PJSIP/ann',
      'unknown',
    ],
  ])('%s', (_, inputs, endpoint, device) => {
    const agent = after(...inputs);
    expect([endpointOf(agent), agent.device]).toEqual([endpoint, device]);
  });

  it('keeps the choice over a restart, and not the states', () => {
    const agent = after(phone(0, 'inUse'), chosen('mobile'));
    const record = JSON.parse(JSON.stringify(recordOf(agent))) as ReturnType<typeof recordOf>;
    expect(Object.keys(record)).not.toContain('devices');
    const again = restoredAgent(after(), record);
    expect([endpointOf(again), again.device, again.devices]).toEqual(['PJSIP/ann-mobile', 'unknown', undefined]);
  });
});
