import { describe, expect, it } from 'vitest';
import { type Agent, type AgentInput, newAgent, reduceAgent } from '../../src/agents/index.ts';
import type { OfferOutcome, OfferToken } from '../../src/call/index.ts';

const t0 = 1_800_000_000_000;
const later = t0 + 60_000;
const profile = { id: 'ann', name: 'Ann', endpoint: 'PJSIP/ann', skills: {}, queues: ['sales'] };
const token: OfferToken = { callId: 'rm-1', agentId: 'ann', attempt: 1, epoch: 'e1', expiresAtMs: t0 + 20_000 };

const offered: AgentInput = { kind: 'offered', token };
const answered: AgentInput = { kind: 'offerAnswered', token };
const ended = (outcome: OfferOutcome, of = token): AgentInput => ({
  kind: 'offerEnded',
  token: of,
  outcome,
  cooldownMs: 5000,
  noAnswerLimit: 2,
});
const talkEnded = (wrapUpMs: number, callId = 'rm-1'): AgentInput => ({
  kind: 'talkEnded',
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
} as const satisfies Record<string, AgentInput>;
type Input = keyof typeof inputs;

const table: Record<State, Partial<Record<Input, string>>> = {
  signedOut: { signIn: 'available/idle' },
  idle: { signOut: 'signedOut/idle', pause: 'paused/idle' },
  paused: { signOut: 'signedOut/idle', setAvailable: 'available/idle' },
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
};

describe('every input in every state', () => {
  const cases = names.flatMap((state) => (Object.keys(inputs) as Input[]).map((input) => [state, input] as const));
  it.each(cases)('%s, %s', (state, input) => {
    const before = agentIn(state);
    const after = reduceAgent(before, inputs[input], later);
    const expected = table[state][input];
    expect(after === before ? undefined : `${after.presence}/${after.routing}`).toBe(expected);
    expect(after.version).toBe(before.version + (expected === undefined ? 0 : 1));
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
