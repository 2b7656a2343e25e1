import { describe, expect, it } from 'vitest';
import type { CallInput } from '../../src/call/index.ts';
import {
  agentLeg,
  asked,
  callerLeg,
  callIn,
  ended,
  fact,
  left,
  type Place,
  partyLeg,
  places,
  run,
  told,
} from './fixtures.ts';

const stranger = 'Local-1';
const replaced = (legId: string, attended = false): CallInput =>
  fact({ kind: 'legReplaced', legId, byLegId: stranger, attended });

describe('an agent who gives the caller away by the key of the phone', () => {
  it.each([false, true])('is out; the caller talks with whom he was given to (asked before: %s)', (attended) => {
    const step = run(callIn('talking'), [replaced(agentLeg, attended), ended(agentLeg)]);
    expect(step.call).toMatchObject({ phase: 'outside', talk: undefined, consult: { legId: stranger, joined: true } });
    expect(asked(step)).toEqual([`hangup ${agentLeg}`, 'talkEnded talked']);
    expect(step.events.map(({ event }) => event)).toEqual([
      { type: 'call.transferred.v1', agentId: 'ann', target: 'number', ...(attended ? { attended } : {}) },
    ]);
  });

  it.each([
    ['the caller', ended(callerLeg), `hangup ${stranger}`],
    ['the other', left(stranger), `hangup ${callerLeg}`],
  ])('and the call lasts until %s hangs up', (_who, input, hangup) => {
    const { call } = run(callIn('talking'), [replaced(agentLeg)]);
    const step = run(call, [input]);
    expect(asked(step)).toContain(hangup);
    expect(step.call).toMatchObject({ phase: 'ended', endReason: 'transferred' });
  });

  it('from hold brings the caller in', () => {
    const step = run(callIn('heldByApi'), [replaced(agentLeg)]);
    expect(asked(step)).toEqual([
      `hangup ${agentLeg}`,
      `stopMusic ${callerLeg}`,
      `join ${callerLeg}`,
      'talkEnded talked',
    ]);
  });

  it('while somebody is asked by us: who is asked is out', () => {
    const step = run(callIn('asking'), [replaced(agentLeg)]);
    expect(asked(step).join()).toContain(`hangup ${partyLeg}`);
    expect(step.call).toMatchObject({ phase: 'outside', consult: { legId: stranger } });
    expect(told(step)).toEqual(['offer.ended', 'consult.ended', 'transferred']);
  });
});

describe('a number outside that the caller was given to', () => {
  it('may give the caller on in turn', () => {
    const { call, ...step } = run(callIn('outside'), [replaced(partyLeg), ended(partyLeg)]);
    expect(asked({ ...step, call })).toEqual([`hangup ${partyLeg}`]);
    expect(run(call, [ended(stranger)]).call).toMatchObject({ phase: 'ended', endReason: 'transferred' });
  });
});

describe('a caller who gives us to somebody else', () => {
  it.each<Place>(['talking', 'outside'])('in %s: the call is that one’s', (place) => {
    const step = run(callIn(place), [replaced(callerLeg), ended(callerLeg)]);
    expect(step.call).toMatchObject({ phase: place, callerLegId: stranger });
    expect(asked(step)).toEqual([`hangup ${callerLeg}`, `setVariables ${stranger}`]);
  });

  it.each<Place>(['waiting', 'ringing', 'heldByApi'])('in %s: that one hears the music', (place) => {
    expect(asked(run(callIn(place), [replaced(callerLeg)]))).toEqual([
      `hangup ${callerLeg}`,
      `setVariables ${stranger}`,
      `startMusic ${stranger}`,
    ]);
  });
});

it.each(places.filter((place) => place !== 'ended'))('in %s who takes the place of nobody is hung up', (place) => {
  const step = run(callIn(place), [replaced('nobody')]);
  expect(asked(step)).toEqual(['hangup nobody', `hangup ${stranger}`]);
  expect(step.call.phase).toBe(callIn(place).phase);
});
