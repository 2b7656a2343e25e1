import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

const li = 'PJSIP/1001';

/** A rig whose li is here as said and whose PBX has been read. */
function rigWith(presence: 'signedOut' | 'available' | 'paused', reason = ''): Rig {
  const rig = new Rig();
  say(rig, presence, reason, true);
  rig.resync();
  rig.outputs.length = 0;
  return rig;
}

function say(rig: Rig, presence: 'signedOut' | 'available' | 'paused', reason = '', learnt = false): void {
  rig.step({ kind: 'presence', agentId: 'li', presence: { presence, reason }, learnt });
}

/** What the PBX is asked to do, and what the agent is told, in short. */
function take(rig: Rig): string[] {
  return rig.outputs.splice(0).flatMap((output) => {
    if (output.kind === 'memberPause') return `pbx ${output.membership.queue} ${text(output.pause)}`;
    return output.kind === 'agentPause' ? `agent ${text(output.pause)}` : [];
  });
}

const text = ({ paused, reason }: { paused: boolean; reason: string }): string =>
  paused ? `paused ${reason}` : 'goes on';

/** The PBX does what it is asked, and says so. */
function obey(rig: Rig): void {
  for (const { membership, pause } of rig.takeOutputs('memberPause')) {
    rig.pbx.pause(membership.interface, pause.paused, pause.reason, membership.queue);
  }
}

describe('a pause made here', () => {
  it('goes to each membership with its reason, and its echo comes to nothing', () => {
    const rig = rigWith('available');
    say(rig, 'paused', 'lunch');
    expect(take(rig)).toEqual(['pbx care paused lunch', 'pbx sales paused lunch']);
    rig.pbx.pause(li, true, 'lunch');
    expect(take(rig)).toEqual([]);
    say(rig, 'available');
    expect(take(rig)).toEqual(['pbx care goes on', 'pbx sales goes on']);
  });

  it('taken back before the PBX has answered: the late echo of the first pauses nobody', () => {
    const rig = rigWith('available');
    say(rig, 'paused', 'lunch');
    say(rig, 'available');
    expect(take(rig)).toHaveLength(4);
    rig.pbx.pause(li, true, 'lunch');
    rig.pbx.pause(li, false);
    expect(take(rig)).toEqual([]);
  });

  it('is nobody’s business while the agent signs out, and tells the PBX to go on at the next sign-in', () => {
    const rig = rigWith('paused', 'lunch');
    rig.pbx.pause(li, true, 'lunch');
    take(rig);
    say(rig, 'signedOut');
    expect(take(rig)).toEqual([]);
    say(rig, 'available');
    expect(take(rig)).toEqual(['pbx care goes on', 'pbx sales goes on']);
  });

  it('that the PBX has not done in time is no excuse for what somebody else does later', () => {
    const rig = rigWith('available');
    say(rig, 'paused', 'lunch');
    say(rig, 'available');
    take(rig);
    rig.nowMs += 5_001;
    rig.pbx.pause(li, true, 'lunch');
    expect(take(rig)).toEqual(['agent paused lunch']);
  });

  it('holds for a queue that the agent joins later', () => {
    const rig = rigWith('available');
    rig.pbx.remove('sales', li);
    say(rig, 'paused', 'lunch');
    obey(rig);
    const member = rig.pbx.members.get('care')?.get(li);
    if (member) rig.pbx.put('sales', { ...member, paused: false, pausedReason: '' });
    expect(take(rig)).toEqual(['pbx sales paused lunch']);
  });
});

describe('a pause made at the PBX', () => {
  it('is the agent’s with its reason, once, and is not sent back', () => {
    const rig = rigWith('available');
    rig.pbx.pause(li, true, 'tea');
    expect(take(rig)).toEqual(['agent paused tea']);
    say(rig, 'paused', 'tea', true);
    rig.pbx.pause(li, true, 'tea');
    expect(take(rig)).toEqual([]);
    rig.pbx.pause(li, false);
    expect(take(rig)).toEqual(['agent goes on']);
    say(rig, 'available', '', true);
    expect(take(rig)).toEqual([]);
  });

  it('in one queue of several is a matter of that queue', () => {
    const rig = rigWith('available');
    rig.pbx.pause(li, true, 'tea', 'care');
    expect(take(rig)).toEqual([]);
    expect(rig.mirror.figures('care', 0).paused).toBe(1);
  });

  it('says nothing to who is signed out here', () => {
    const rig = rigWith('signedOut');
    rig.pbx.pause(li, true, 'tea');
    expect(take(rig)).toEqual([]);
  });

  it('of somebody who is no agent of ours is counted only', () => {
    const rig = rigWith('available');
    rig.pbx.pause('PJSIP/1003', true, 'tea');
    expect(take(rig)).toEqual([]);
  });
});

describe('after a gap', () => {
  it('what somebody did at the PBX is taken over', () => {
    const rig = rigWith('available');
    rig.cut();
    rig.pbx.pause(li, true, 'tea');
    rig.resync();
    expect(take(rig)).toEqual(['agent paused tea']);
  });

  it('what the agent did here is sent', () => {
    const rig = rigWith('available');
    rig.cut();
    say(rig, 'paused', 'lunch');
    take(rig);
    rig.resync();
    expect(take(rig)).toEqual(['pbx care paused lunch', 'pbx sales paused lunch']);
  });

  it('the same after a restart, by what the store kept', () => {
    for (const [seenReason, expected] of [
      ['lunch', ['agent goes on']],
      ['', ['pbx care paused lunch', 'pbx sales paused lunch']],
    ] as const) {
      const rig = new Rig();
      rig.mirror.restorePause('li', { paused: seenReason !== '', reason: seenReason });
      say(rig, 'paused', 'lunch', true);
      rig.resync();
      expect(take(rig)).toEqual(expected);
    }
  });

  it('where nothing is known, who is paused on one side is paused', () => {
    const here = new Rig();
    say(here, 'paused', 'lunch', true);
    here.resync();
    expect(take(here)).toEqual(['pbx care paused lunch', 'pbx sales paused lunch']);
    const there = new Rig();
    there.pbx.pause(li, true, 'tea');
    say(there, 'available', '', true);
    there.resync();
    expect(take(there)).toEqual(['agent paused tea']);
  });
});

it('tells what it has seen, for the next start', () => {
  const rig = rigWith('available');
  rig.pbx.pause(li, true, 'tea');
  expect(rig.takeOutputs('pauseSeen')).toEqual([
    { kind: 'pauseSeen', agentId: 'li', seen: { paused: true, reason: 'tea' } },
  ]);
});
