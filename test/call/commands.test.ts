import { describe, expect, it } from 'vitest';
import type { CommandFailure, PbxCommand } from '../../src/call/index.ts';
import {
  agentLeg,
  answer,
  arrival,
  asked,
  bridge,
  callerLeg,
  callIn,
  fact,
  failed,
  greeting,
  joined,
  offered,
  type Place,
  places,
  run,
} from './fixtures.ts';

const commands = {
  answer: { kind: 'answer', legId: callerLeg },
  ring: { kind: 'ring', legId: callerLeg },
  play: { kind: 'play', legId: callerLeg, playbackId: greeting, media: ['sound:welcome'] },
  startMusic: { kind: 'startMusic', legId: callerLeg, musicClass: 'default' },
  setVariables: { kind: 'setVariables', legId: callerLeg, variables: {} },
  join: { kind: 'join', bridgeId: bridge, legIds: [callerLeg, agentLeg] },
  createBridge: { kind: 'createBridge', bridgeId: bridge },
  separate: { kind: 'separate', bridgeId: bridge, legId: callerLeg },
  destroyBridge: { kind: 'destroyBridge', bridgeId: bridge },
  stopMusic: { kind: 'stopMusic', legId: callerLeg },
  hangupAgent: { kind: 'hangup', legId: agentLeg, reason: 'normal' },
  hangupCaller: { kind: 'hangup', legId: callerLeg, reason: 'normal' },
  leave: { kind: 'leave', legId: callerLeg, context: 'x', extension: 's', priority: 1 },
} as const satisfies Record<string, PbxCommand>;

describe('the PBX says the channel has gone (404)', () => {
  it.each([
    ['answer', 'arriving', 'ended'],
    ['ring', 'arriving', 'ended'],
    ['play', 'arriving', 'ended'],
    ['setVariables', 'waiting', 'ended'],
    ['startMusic', 'waiting', 'ended'],
    ['startMusic', 'ringing', 'ended'],
    ['startMusic', 'heldByApi', 'wrapUp'],
    ['answer', 'answered', 'ended'],
    ['join', 'answered', 'waiting'],
  ] as const)('on %s in %s: %s', (name, place, phase) => {
    const step = run(callIn(place), [failed(commands[name], 'gone')]);
    expect(step.call.phase).toBe(phase);
    expect(asked(step)).not.toContain(`hangup ${callerLeg}`);
  });

  const harmless = ['createBridge', 'separate', 'destroyBridge', 'stopMusic', 'hangupAgent', 'hangupCaller', 'leave'];
  it.each(harmless.flatMap((name) => places.map((place) => [name, place] as const)))(
    'on %s in %s: nothing more to do',
    (name, place) => {
      const call = callIn(place);
      const command = commands[name as keyof typeof commands];
      expect(run(call, [failed(command, 'gone')])).toEqual({ call, effects: [], events: [] });
    },
  );

  it('on the join, when it was the bridge: the next agent gets a new one', () => {
    const back = run(callIn('answered'), [failed(commands.join, 'gone')]);
    expect(asked(back)).toContain('destroyBridge');
    expect(asked(run(back.call, [offered(2)]))).toContain('createBridge');
  });
});

describe('a command fails for another reason', () => {
  const others: CommandFailure[] = ['refused', 'timeout', 'unavailable'];
  it.each(others)('%s on the caller: the call goes on', (failure) => {
    for (const name of ['answer', 'setVariables', 'startMusic'] as const) {
      const call = callIn('waiting');
      expect(run(call, [failed(commands[name], failure)]).call).toBe(call);
    }
  });

  it.each(others)('%s on the greeting: queued without it', (failure) => {
    const waiting = run(arrival().call, [failed(commands.play, failure)]).call;
    expect(waiting.awaiting).toEqual({ lookup: true, greeting: false });
  });

  it('refused on the join: the caller goes back', () => {
    expect(run(callIn('answered'), [failed(commands.join, 'refused')]).call).toMatchObject({ returned: true });
  });

  it('no answer on the join: joined again, since the two may hear each other already', () => {
    const call = callIn('answered');
    const step = run(call, [failed(commands.join, 'timeout')]);
    expect([step.call, asked(step)]).toEqual([call, [`join ${callerLeg}+${agentLeg}`]]);
  });

  it('no answer on the dial: not held against a phone that has been heard of since', () => {
    const { effects } = run(callIn('waiting'), [offered()]);
    const dial = effects.flatMap((effect) => (effect.kind === 'pbx' ? [effect.command] : []))[0] as PbxCommand;
    for (const place of ['ringing', 'answered'] as const) {
      const call = callIn(place);
      expect(run(call, [failed(dial, 'timeout')])).toEqual({ call, effects: [], events: [] });
      expect(run(call, [failed(dial, 'unavailable')])).toEqual({ call, effects: [], events: [] });
    }
    expect(run(callIn('dialled'), [failed(dial, 'timeout')]).call).toMatchObject({ phase: 'waiting' });
  });

  it('the link breaks in the join: nobody is cut off, the comparison after the gap joins them', () => {
    const call = callIn('answered');
    const step = run(call, [failed(commands.join, 'unavailable')]);
    expect(step).toEqual({ call, effects: [], events: [] });
    const again = run(call, [{ kind: 'recovered', atMs: call.phaseSinceMs }]);
    expect(asked(again)).toEqual([`join ${callerLeg}+${agentLeg}`]);
    expect(run(again.call, [joined()]).call.phase).toBe('talking');
  });

  const resumeJoin = { ...commands.join, legIds: [callerLeg] };
  it.each(others)('%s on the join of a resume: on hold again, with music', (failure) => {
    const step = run(callIn('heldByApi'), [{ kind: 'resume', atMs: 0 }, failed(resumeJoin, failure)]);
    expect(step.call).toMatchObject({ phase: 'held', talk: { heldBy: 'api' } });
    expect(asked(step).slice(2)).toEqual([`separate ${callerLeg}`, `startMusic ${callerLeg}`]);
    expect(step.events.map(({ event }) => event.type)).toEqual(['call.resumed.v1', 'call.held.v1']);
  });

  it('gone on the join of a resume: the end of the leg will be told', () => {
    const talking = callIn('talking');
    expect(run(talking, [failed(resumeJoin, 'gone')]).call).toBe(talking);
  });
});

describe('somebody destroys our bridge', () => {
  const table: [Place, string[]][] = [
    ['arriving', []],
    ['waiting', []],
    ['pending', []],
    ['ringing', ['createBridge']],
    ['answered', ['createBridge', `join ${callerLeg}+${agentLeg}`]],
    ['talking', ['createBridge', `join ${callerLeg}+${agentLeg}`]],
    ['heldByPhone', ['createBridge', `join ${callerLeg}+${agentLeg}`]],
    ['heldByApi', ['createBridge', `join ${agentLeg}`]],
    ['wrapUp', []],
    ['ended', []],
  ];
  it.each(table)('in %s', (place, expected) => {
    const step = run(callIn(place), [fact({ kind: 'bridgeEnded', bridgeId: bridge })]);
    expect(asked(step)).toEqual(expected);
    expect(step.events).toEqual([]);
  });

  it("another call's bridge is none of our business", () => {
    const call = callIn('talking');
    expect(run(call, [fact({ kind: 'bridgeEnded', bridgeId: 'rm-2.bridge' })]).effects).toEqual([]);
  });

  it('a call that waits with a bridge from an earlier offer makes a new one for the next', () => {
    const waiting = run(callIn('ringing'), [
      { kind: 'reject', agentId: 'ann', atMs: 0 },
      fact({ kind: 'bridgeEnded', bridgeId: bridge }),
      offered(2),
      answer,
    ]);
    expect(asked(waiting)).toContain('createBridge');
  });
});
