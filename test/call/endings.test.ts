import { describe, expect, it } from 'vitest';
import {
  agentLeg,
  answer,
  arrival,
  asked,
  callerLeg,
  callIn,
  ended,
  fact,
  failed,
  found,
  joined,
  left,
  offered,
  type Place,
  places,
  policyWith,
  run,
  t0,
  tokenOf,
  told,
} from './fixtures.ts';

describe('the caller hangs up', () => {
  const table: [Place, { phase: string; reason?: string; asked: string[]; told: string[] }][] = [
    ['arriving', { phase: 'ended', reason: 'abandoned', asked: [], told: ['ended'] }],
    ['waiting', { phase: 'ended', reason: 'abandoned', asked: ['leaveQueue'], told: ['ended'] }],
    [
      'pending',
      {
        phase: 'ended',
        reason: 'abandoned',
        asked: ['leaveQueue', 'offerEnded callerLeft'],
        told: ['offer.ended', 'ended'],
      },
    ],
    ...(['dialled', 'ringing'] as const).map((place): [Place, Expected] => [
      place,
      {
        phase: 'ended',
        reason: 'abandoned',
        asked: ['leaveQueue', `hangup ${agentLeg}`, 'offerEnded callerLeft', 'destroyBridge'],
        told: ['offer.ended', 'ended'],
      },
    ]),
    [
      'answered',
      {
        phase: 'ended',
        reason: 'abandoned',
        asked: ['leaveQueue', `hangup ${agentLeg}`, 'talkEnded callerLeft', 'destroyBridge'],
        told: ['offer.ended', 'ended'],
      },
    ],
    ...(['talking', 'heldByApi', 'heldByPhone'] as const).map((place): [Place, Expected] => [
      place,
      {
        phase: 'wrapUp',
        asked: [`hangup ${agentLeg}`, 'talkEnded talked', 'destroyBridge'],
        told: ['wrapup.started'],
      },
    ]),
    ['wrapUp', { phase: 'wrapUp', asked: [], told: [] }],
    ['ended', { phase: 'ended', reason: 'abandoned', asked: [], told: [] }],
  ];
  type Expected = (typeof table)[number][1];

  it.each(table)('in %s', (place, expected) => {
    const step = run(callIn(place), [ended(callerLeg)]);
    expect(step.call.phase).toBe(expected.phase);
    expect(step.call.endReason).toBe(expected.reason);
    expect(asked(step)).toEqual(expected.asked);
    expect(told(step)).toEqual(expected.told);
  });

  it.each(places)('and the PBX says so twice, in %s', (place) => {
    const once = run(callIn(place), [ended(callerLeg)]);
    const twice = run(once.call, [ended(callerLeg), left(callerLeg)]);
    expect(twice).toEqual({ call: once.call, effects: [], events: [] });
  });

  it('in conversation without wrap-up time: the call is completed', () => {
    const step = run(callIn('talking'), [ended(callerLeg)], policyWith({}, 0));
    expect(step.call.endReason).toBe('completed');
    expect(told(step)).toEqual(['ended']);
  });

  it('and is not hung up by us when somebody moved the leg elsewhere', () => {
    expect(asked(run(callIn('talking'), [left(callerLeg)]))).not.toContain(`hangup ${callerLeg}`);
  });
});

describe('an offer comes to nothing', () => {
  const causes: [number, string][] = [
    [17, 'busy'],
    [21, 'declined'],
    [19, 'noAnswer'],
    [18, 'noAnswer'],
    [16, 'noAnswer'],
    [102, 'noAnswer'],
    [127, 'noAnswer'],
    [0, 'noAnswer'],
    [20, 'unreachable'],
    [27, 'unreachable'],
    [3, 'unreachable'],
    [34, 'unreachable'],
    [38, 'unreachable'],
    [1, 'unreachable'],
  ];
  it.each(causes)('cause %i of the phone: %s', (cause, outcome) => {
    const step = run(callIn('ringing'), [ended(agentLeg, cause)]);
    expect(step.call).toMatchObject({ phase: 'waiting', offers: undefined, queuedAtMs: t0, returned: false });
    expect(asked(step)).toEqual([`offerEnded ${outcome}`]);
    expect(step.events.map(({ event }) => event)).toMatchObject([{ type: 'call.offer.ended.v1', outcome }]);
  });

  it('our own expiry takes the phone back as not answered', () => {
    const step = run(callIn('ringing'), [{ kind: 'offerExpired', token: tokenOf(), atMs: t0 }]);
    expect(asked(step)).toEqual([`hangup ${agentLeg}`, 'offerEnded noAnswer']);
  });

  it('expiry on screen, before the phone was rung, asks nothing of the PBX', () => {
    const step = run(callIn('pending'), [{ kind: 'offerExpired', token: tokenOf(), atMs: t0 }]);
    expect(asked(step)).toEqual(['offerEnded noAnswer']);
  });

  it.each(['pending', 'dialled', 'ringing'] as const)('the agent rejects on screen, %s', (place) => {
    const step = run(callIn(place), [{ kind: 'reject', agentId: 'ann', atMs: t0 }]);
    expect(step.call.phase).toBe('waiting');
    expect(asked(step).at(-1)).toBe('offerEnded declined');
  });

  it.each(['refused', 'gone', 'timeout', 'unavailable'] as const)('the dial fails (%s): the phone rests', (failure) => {
    const dial = run(callIn('waiting'), [offered()]);
    const command = dial.effects.flatMap((effect) => (effect.kind === 'pbx' ? [effect.command] : []))[0];
    const step = run(dial.call, [failed(command ?? { kind: 'destroyBridge', bridgeId: '' }, failure)]);
    expect(asked(step)).toEqual([`hangup ${agentLeg}`, 'offerEnded unreachable']);
  });

  it.each([
    ['another agent rejects', { kind: 'reject', agentId: 'bob', atMs: t0 }],
    ['a stale expiry', { kind: 'offerExpired', token: tokenOf(2), atMs: t0 }],
    ['an expiry of another life', { kind: 'offerExpired', token: { ...tokenOf(), epoch: 'e0' }, atMs: t0 }],
    ['a stale withdrawal', { kind: 'offerWithdrawn', token: tokenOf(2), atMs: t0 }],
    ['the same offer again', offered()],
    ['the end of an unknown leg', ended('rm-1.agent9')],
    ['the departure of a phone that has not ended yet', left(agentLeg)],
    ['a join that is not ours', joined('rm-1.agent9')],
  ] as const)('%s changes nothing', (_name, input) => {
    const call = callIn('ringing');
    expect(run(call, [input])).toEqual({ call, effects: [], events: [] });
  });
});

describe('the agent answers', () => {
  it('in the moment the offer is withdrawn: hung up, nobody joined', () => {
    const step = run(callIn('ringing'), [{ kind: 'offerWithdrawn', token: tokenOf(), atMs: t0 }, answer]);
    expect(step.call.phase).toBe('waiting');
    expect(asked(step)).toEqual([`hangup ${agentLeg}`, 'offerEnded withdrawn', `hangup ${agentLeg}`]);
  });

  it('a phone that is reached only after its offer was withdrawn is hung up', () => {
    const entered = fact({ kind: 'legEntered', legId: agentLeg });
    const step = run(callIn('dialled'), [{ kind: 'offerWithdrawn', token: tokenOf(), atMs: t0 }, entered]);
    expect(asked(step).at(-1)).toBe(`hangup ${agentLeg}`);
  });

  it('an expiry, a rejection or a withdrawal that comes too late does not cut it off', () => {
    const call = callIn('answered');
    const late = [
      { kind: 'offerExpired', token: tokenOf(), atMs: t0 },
      { kind: 'offerWithdrawn', token: tokenOf(), atMs: t0 },
      { kind: 'reject', agentId: 'ann', atMs: t0 },
      { kind: 'draining', atMs: t0 },
      answer,
    ] as const;
    expect(run(call, late)).toEqual({ call, effects: [], events: [] });
  });

  it('is joined before an unpaid caller is answered', () => {
    const ringing = run(arrival({ answer: 'withAgent' }).call, [found(), offered()]).call;
    expect(asked(run(ringing, [answer]))).toEqual([
      'offerAnswered',
      `join ${callerLeg}+${agentLeg}`,
      `answer ${callerLeg}`,
    ]);
  });
});

describe('the agent drops the caller', () => {
  const backFirst = { phase: 'waiting', returned: true, queuedAtMs: t0, offers: undefined, talk: undefined };

  it('between answer and join: back with its age, first in line', () => {
    const step = run(callIn('answered'), [ended(agentLeg)]);
    expect(step.call).toMatchObject(backFirst);
    expect(asked(step)).toEqual([
      `separate ${callerLeg}`,
      'talkEnded dropped',
      `setVariables ${callerLeg}`,
      `startMusic ${callerLeg}`,
      'enqueue',
    ]);
    expect(told(step)).toEqual(['offer.ended', 'queued']);
  });

  it('just after the join: the same, and the wait goes on', () => {
    const step = run(callIn('talking'), [ended(agentLeg, 16, t0 + 1999)]);
    expect(step.call).toMatchObject({ ...backFirst, waitedMs: undefined, talkedMs: 0 });
    expect(step.effects.at(-1)).toEqual({ kind: 'enqueue', again: true });
  });

  it('after the grace it was a conversation', () => {
    const step = run(callIn('talking'), [ended(agentLeg, 16, t0 + 2000)]);
    expect(step.call.phase).toBe('wrapUp');
    expect(asked(step)).toEqual([`hangup ${callerLeg}`, 'talkEnded talked', 'destroyBridge']);
  });

  it('forgets whom a transfer wanted: the one who dropped it is not waited for', () => {
    const asking = { ...callIn('answered'), onlyAgentId: 'ann' };
    expect(run(asking, [ended(agentLeg)]).call.onlyAgentId).toBeUndefined();
  });

  it('and its late join does not count for the next agent', () => {
    const next = run(callIn('answered'), [
      ended(agentLeg),
      offered(2, 'ring', 'bob'),
      fact({ kind: 'legAnswered', legId: 'rm-1.agent2' }),
    ]).call;
    const stale = { kind: 'join', bridgeId: 'rm-1.bridge', legIds: [callerLeg, agentLeg] } as const;
    expect(run(next, [joined(agentLeg), failed(stale, 'gone')])).toEqual({ call: next, effects: [], events: [] });
    expect(run(next, [joined('rm-1.agent2')]).call).toMatchObject({ phase: 'talking', talk: { agentId: 'bob' } });
  });

  it.each([
    [ended(callerLeg), ended(agentLeg)],
    [ended(agentLeg, 16, t0 + 5000), ended(callerLeg)],
  ])('both hang up together, either first: one wrap-up', (first, second) => {
    const step = run(callIn('talking'), [first, second, first, second]);
    expect(step.call.phase).toBe('wrapUp');
    expect(asked(step).filter((effect) => effect.startsWith('talkEnded'))).toEqual(['talkEnded talked']);
    expect(told(step)).toEqual(['wrapup.started']);
  });

  it('both together within the grace, agent first: abandoned, nothing left behind', () => {
    const step = run(callIn('talking'), [ended(agentLeg), ended(callerLeg)]);
    expect(step.call.endReason).toBe('abandoned');
    expect(asked(step).slice(-2)).toEqual(['leaveQueue', 'destroyBridge']);
  });
});
