import { describe, expect, it } from 'vitest';
import type { CallInput, CallStep } from '../../src/call/index.ts';
import {
  action,
  agentLeg,
  asked,
  bridge,
  callerLeg,
  callIn,
  consult,
  ended,
  fact,
  failed,
  left,
  type Place,
  partyAnswers,
  partyLeg,
  run,
  t0,
  tokenOf,
  told,
} from './fixtures.ts';

const back = [`stopMusic ${callerLeg}`, `join ${callerLeg}`];
const later = (ms: number): number => t0 + ms;
const talkEnds = (step: CallStep): string[] =>
  step.effects.flatMap((effect) =>
    effect.kind === 'talkEnded' ? `${effect.agentId} ${effect.outcome} ${effect.queueId}` : [],
  );

describe('an agent asks', () => {
  it('another one: the caller hears music, the agent the ringing, the other sees the same card', () => {
    const step = run(callIn('talking'), [consult()]);
    expect(asked(step)).toEqual([
      `separate ${callerLeg}`,
      `startMusic ${callerLeg}`,
      `ring ${agentLeg}`,
      `dial ${partyLeg}`,
      'startTimer',
    ]);
    expect(told(step)).toEqual(['held', 'consult.started', 'offered']);
    expect(step.events.at(-1)?.event).toMatchObject({
      agentId: 'bob',
      askedBy: 'ann',
      attempt: 2,
      customer: { customer: { name: 'Wang' } },
    });
    expect(step.call).toMatchObject({ phase: 'held', attempts: 2, consult: { stage: 'dialled', joined: false } });
  });

  it('from hold: nothing is held twice', () => {
    expect(told(run(callIn('heldByApi'), [consult()]))).toEqual(['consult.started', 'offered']);
  });

  it('a number outside: dialled by the dialplan, and no agent is told', () => {
    const step = run(callIn('talking'), [consult('number')]);
    const dialled = step.effects.flatMap((effect) => (effect.kind === 'pbx' ? effect.command : []));
    expect(dialled).toContainEqual(
      expect.objectContaining({ kind: 'dial', endpoint: 'Local/10086@outward/n', callerNumber: '13800000001' }),
    );
    expect(told(step)).toEqual(['held', 'consult.started']);
    expect(JSON.stringify(step.events)).not.toContain('10086');
  });

  it.each<Place>(['waiting', 'ringing', 'heldByPhone', 'asking', 'outside', 'wrapUp'])('in vain, in %s', (place) => {
    const step = run(callIn(place), [consult('bob', 7)]);
    expect(asked(step)).toEqual(['offerEnded withdrawn']);
    expect(told(step)).toEqual([]);
  });

  it('and the same reservation brought twice changes nothing', () => {
    expect(run(callIn('asking'), [consult()])).toMatchObject({ effects: [], events: [] });
  });
});

describe('who is asked answers', () => {
  it('and talks with the agent', () => {
    const step = run(callIn('askingRings'), [partyAnswers]);
    expect(asked(step)).toEqual(['stopTimer', `stopRing ${agentLeg}`, 'offerAnswered', `join ${partyLeg}`]);
    expect(told(step)).toEqual(['consult.answered']);
    expect(run(step.call, [partyAnswers])).toMatchObject({ effects: [], events: [] });
  });
});

describe('who is asked is not reached, and the agent is back with the caller', () => {
  const takeBack = ['stopTimer', `stopRing ${agentLeg}`];
  const table: [string, CallInput, string, string[]][] = [
    ['busy', ended(partyLeg, 17), 'busy', []],
    ['declines on the phone', ended(partyLeg, 21), 'declined', []],
    ['does not answer', ended(partyLeg, 19), 'noAnswer', []],
    ['cannot be reached', ended(partyLeg, 20), 'unreachable', []],
    ['declines on screen', { kind: 'reject', agentId: 'bob', atMs: t0 }, 'declined', [`hangup ${partyLeg}`]],
    ['rings too long', { kind: 'timerFired', timer: 'consult', atMs: t0 }, 'noAnswer', [`hangup ${partyLeg}`]],
    ['signs out', { kind: 'offerWithdrawn', token: tokenOf(2, 'bob'), atMs: t0 }, 'withdrawn', [`hangup ${partyLeg}`]],
    ['cancelled', action('cancel'), 'cancelled', [`hangup ${partyLeg}`]],
    ['the server started anew', { kind: 'recovered', atMs: t0 }, 'withdrawn', [`hangup ${partyLeg}`]],
    [
      'the PBX refuses',
      failed(
        {
          kind: 'dial',
          legId: partyLeg,
          endpoint: 'PJSIP/bob',
          originatorLegId: callerLeg,
          callerNumber: '',
          callerName: '',
          timeoutMs: 1,
          variables: {},
        },
        'gone',
      ),
      'unreachable',
      [`hangup ${partyLeg}`],
    ],
  ];
  it.each(table)('%s', (_name, input, outcome, hangup) => {
    const step = run(callIn('askingRings'), [input]);
    const given = outcome === 'cancelled' ? 'withdrawn' : outcome;
    expect(asked(step)).toEqual([...takeBack, ...hangup, `offerEnded ${given}`, ...back]);
    expect(told(step)).toEqual(['offer.ended', 'consult.ended', 'resumed']);
    expect(step.events[1]?.event).toMatchObject({ agentId: 'ann', partyAgentId: 'bob', outcome });
    expect(step.call).toMatchObject({ phase: 'talking', consult: undefined, talk: { agentId: 'ann' } });
    expect(run(step.call, [ended(partyLeg), left(partyLeg)])).toMatchObject({ effects: [], events: [] });
  });

  it('a number outside likewise, without a word to routing', () => {
    const step = run(callIn('askingOutside'), [ended(partyLeg, 17)]);
    expect(asked(step)).toEqual([...takeBack, ...back]);
    expect(step.events[0]?.event).toMatchObject({ party: 'number', outcome: 'busy' });
  });

  it('answers in the moment it is taken back: hung up', () => {
    const step = run(callIn('asking'), [action('cancel'), partyAnswers]);
    expect(asked(step).at(-1)).toBe(`hangup ${partyLeg}`);
  });
});

describe('the agent and who was asked', () => {
  it('swap: the caller is back, the other hears music; and again', () => {
    const step = run(callIn('private'), [action('swap')]);
    expect(asked(step)).toEqual([`separate ${partyLeg}`, `startMusic ${partyLeg}`, ...back]);
    expect(step.call).toMatchObject({ phase: 'talking', consult: { joined: false } });
    const again = run(step.call, [action('swap')]);
    expect(asked(again)).toEqual([
      `stopMusic ${partyLeg}`,
      `join ${partyLeg}`,
      `separate ${callerLeg}`,
      `startMusic ${callerLeg}`,
    ]);
    expect(again.call).toMatchObject({ phase: 'held', consult: { joined: true } });
  });

  it.each([
    ['private', back],
    ['swapped', [`stopMusic ${partyLeg}`, `join ${partyLeg}`]],
  ] as const)('merge all three, from %s', (place, expected) => {
    const step = run(callIn(place), [action('merge')]);
    expect(asked(step)).toEqual(expected);
    expect(told(step).at(-1)).toBe('conference.started');
    expect(step.call).toMatchObject({ phase: 'talking', consult: { joined: true, metCaller: true } });
  });

  it.each(['merge', 'swap'] as const)('%s changes nothing in a conference', (name) => {
    expect(run(callIn('conference'), [action(name)])).toMatchObject({ effects: [], events: [] });
  });

  it.each(['merge', 'swap', 'complete'] as const)('%s has to wait for the answer', (name) => {
    expect(run(callIn('askingRings'), [action(name)])).toMatchObject({ effects: [], events: [] });
  });

  it.each([
    ['private', [`stopMusic ${callerLeg}`, `join ${callerLeg}`, `hangup ${agentLeg}`]],
    ['swapped', [`stopMusic ${partyLeg}`, `join ${partyLeg}`, `hangup ${agentLeg}`]],
    ['conference', [`hangup ${agentLeg}`]],
  ] as const)('complete, from %s: the other takes over, the first writes up in its own queue', (place, expected) => {
    const step = run(callIn(place), [action('complete', later(60_000))]);
    expect(asked(step)).toEqual([...expected, 'talkEnded talked']);
    expect(talkEnds(step)).toEqual(['ann talked sales']);
    expect(step.events.at(-1)?.event).toMatchObject({ agentId: 'ann', target: 'agent:bob', attended: true });
    expect(step.call).toMatchObject({
      phase: 'talking',
      queueId: 'service',
      consult: undefined,
      talk: { agentId: 'bob', legId: partyLeg },
      talkedMs: 60_000,
    });
    expect(talkEnds(run(step.call, [ended(callerLeg, 16, later(90_000))]))).toEqual(['bob talked service']);
  });

  it('cancel: the other goes without a conversation to write up', () => {
    const step = run(callIn('private'), [action('cancel')]);
    expect(talkEnds(step)).toEqual(['bob consulted service']);
    expect(asked(step)).toEqual([`hangup ${partyLeg}`, 'talkEnded consulted', ...back]);
  });

  it('who has met the caller has something to write up', () => {
    expect(talkEnds(run(callIn('conference'), [action('cancel')]))).toEqual(['bob talked service']);
  });
});

describe('somebody hangs up', () => {
  it.each<Place>(['asking', 'private', 'swapped', 'conference'])(
    'the caller, in %s: the call is over for all',
    (place) => {
      const step = run(callIn(place), [ended(callerLeg, 16, later(60_000))]);
      expect(step.call).toMatchObject({ phase: 'wrapUp', consult: undefined, talk: { agentId: 'ann' } });
      expect(asked(step)).toEqual(
        expect.arrayContaining([`hangup ${partyLeg}`, `hangup ${agentLeg}`, 'destroyBridge']),
      );
      expect(talkEnds(step).filter((one) => one.startsWith('ann'))).toEqual(['ann talked sales']);
    },
  );

  it.each<Place>(['private', 'swapped', 'conference'])('the agent, in %s: the other takes over', (place) => {
    const step = run(callIn(place), [ended(agentLeg, 16, later(60_000))]);
    expect(step.call).toMatchObject({ phase: 'talking', talk: { agentId: 'bob' } });
    expect(asked(step)).not.toContain(`hangup ${agentLeg}`);
    expect(talkEnds(step)).toEqual(['ann talked sales']);
  });

  it.each<Place>(['asking', 'askingRings', 'askingOutside'])(
    'the agent, in %s: the caller is first in line',
    (place) => {
      const step = run(callIn(place), [ended(agentLeg, 16, later(60_000))]);
      expect(step.call).toMatchObject({ phase: 'waiting', returned: true, talk: undefined, talkedMs: 60_000 });
      // After a conversation it is a new wait.
      expect(step.call.queueEnteredAtMs).toBe(later(60_000));
      expect(step.effects.at(-1)).toEqual({ kind: 'enqueue' });
      expect(asked(step)).toContain(`hangup ${partyLeg}`);
      expect(asked(step).at(-1)).toBe('enqueue');
      expect(talkEnds(step)).toEqual(['ann talked sales']);
      expect(asked(step)).not.toContain(`hangup ${callerLeg}`);
    },
  );

  it.each<Place>(['private', 'swapped', 'conference'])('who was asked, in %s: back with the caller', (place) => {
    for (const input of [ended(partyLeg), left(partyLeg), { kind: 'leaveConsult', atMs: t0 } as const]) {
      const step = run(callIn(place), [input]);
      expect(step.call).toMatchObject({ phase: 'talking', consult: undefined, talk: { agentId: 'ann' } });
      expect(step.events.map(({ event }) => event)).toContainEqual(
        expect.objectContaining({ type: 'call.consult.ended.v1', outcome: 'left' }),
      );
    }
  });

  it.each([
    ['agent first', agentLeg, partyLeg],
    ['who was asked first', partyLeg, agentLeg],
  ])('both at once, %s: the caller is first in line', (_name, first, second) => {
    const atMs = later(60_000);
    const step = run(callIn('private'), [ended(first, 16, atMs), ended(second, 16, atMs)]);
    expect(step.call).toMatchObject({ phase: 'waiting', returned: true });
    expect(asked(step)).not.toContain(`hangup ${callerLeg}`);
    expect(talkEnds(step)).toContain('ann talked sales');
  });

  it('the agent, well after the end of a consultation: the call is over', () => {
    const step = run(callIn('private'), [ended(partyLeg), ended(agentLeg, 16, later(60_000))]);
    expect(step.call.phase).toBe('wrapUp');
  });
});

describe('handed over to a number outside', () => {
  it('the agent is free, the two go on in our bridge', () => {
    const step = run(callIn('askingOutside'), [partyAnswers, action('complete', later(30_000))]);
    expect(step.call).toMatchObject({ phase: 'outside', talk: undefined, talkedMs: 30_000 });
    expect(step.events.at(-1)?.event).toMatchObject({ target: 'number', attended: true });
    expect(talkEnds(step)).toEqual(['ann talked sales']);
  });

  it.each([
    ['the caller hangs up', ended(callerLeg), [`hangup ${partyLeg}`, 'destroyBridge']],
    ['the other hangs up', ended(partyLeg), [`hangup ${callerLeg}`, 'destroyBridge']],
    [
      'ended by command',
      { kind: 'hangUp', atMs: t0 } as const,
      [`hangup ${partyLeg}`, `hangup ${callerLeg}`, 'destroyBridge'],
    ],
  ])('%s', (_name, input, expected) => {
    const step = run(callIn('outside'), [input]);
    expect(step.call).toMatchObject({ phase: 'ended', endReason: 'transferred' });
    expect(asked(step)).toEqual(expected);
  });
});

describe('the bridge', () => {
  it.each([
    ['private', [agentLeg, partyLeg]],
    ['swapped', [callerLeg, agentLeg]],
    ['conference', [callerLeg, agentLeg, partyLeg]],
    ['outside', [callerLeg, partyLeg]],
  ] as const)('destroyed by somebody, in %s: made anew with who was in it', (place, legs) => {
    const step = run(callIn(place), [fact({ kind: 'bridgeEnded', bridgeId: bridge })]);
    expect(asked(step)).toEqual(['createBridge', `join ${legs.join('+')}`]);
  });

  it('after a gap, who is not where the state says is put there', () => {
    const step = run(callIn('private'), [{ kind: 'recovered', astray: [callerLeg, partyLeg], atMs: t0 }]);
    expect(asked(step)).toEqual([
      'createBridge',
      `separate ${callerLeg}`,
      `startMusic ${callerLeg}`,
      `stopMusic ${partyLeg}`,
      `join ${partyLeg}`,
    ]);
  });

  it.each([
    ['gone', undefined, 'talking'],
    ['refused', undefined, 'talking'],
    ['unavailable', true, 'held'],
  ] as const)('cannot take who was asked (%s)', (why, joinedAfter, phase) => {
    const step = run(callIn('private'), [failed({ kind: 'join', bridgeId: bridge, legIds: [partyLeg] }, why)]);
    expect(step.call.phase).toBe(phase);
    expect(step.call.consult?.joined).toBe(joinedAfter);
    expect(talkEnds(step)).toEqual(why === 'unavailable' ? [] : ['bob dropped service']);
  });
});

describe('beside the conversation', () => {
  const mute = (agentId: string | undefined, muted: boolean): CallInput => ({ kind: 'mute', agentId, muted, atMs: t0 });

  it('an agent is silenced once, and heard again', () => {
    const step = run(callIn('talking'), [mute('ann', true), mute(undefined, true), mute('ann', false)]);
    expect(asked(step)).toEqual([`mute ${agentLeg}`, `unmute ${agentLeg}`]);
    expect(told(step)).toEqual(['muted', 'unmuted']);
  });

  it('who was asked is silenced apart, and stays so when it takes over', () => {
    const step = run(callIn('private'), [mute('bob', true), action('complete')]);
    expect(asked(step)[0]).toBe(`mute ${partyLeg}`);
    expect(step.call.talk).toMatchObject({ agentId: 'bob', muted: true });
  });

  it('keypad tones go to the caller, and only their number is told', () => {
    const step = run(callIn('talking'), [{ kind: 'sendKeys', digits: '4111#', atMs: t0 }]);
    expect(asked(step)).toEqual([`sendKeys ${callerLeg}`]);
    expect(step.events.map(({ event }) => event)).toEqual([{ type: 'call.keys.sent.v1', agentId: 'ann', count: 5 }]);
    expect(JSON.stringify(step.events)).not.toContain('4111');
  });

  it.each<Place>(['waiting', 'ringing', 'wrapUp', 'ended', 'outside'])('nothing of it in %s', (place) => {
    const step = run(callIn(place), [mute('ann', true), { kind: 'sendKeys', digits: '1', atMs: t0 }]);
    expect(step).toMatchObject({ effects: [], events: [] });
  });
});
