import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

const li = 'PJSIP/1001';

/** A rig whose li is here as said and whose PBX has been read. */
function rigWith(presence: 'signedOut' | 'available' | 'paused', reason = ''): Rig {
  const rig = new Rig();
  say(rig, presence, reason, 'stands');
  rig.resync();
  rig.outputs.length = 0;
  return rig;
}

function say(
  rig: Rig,
  presence: 'signedOut' | 'available' | 'paused',
  reason = '',
  news: 'changed' | 'learnt' | 'stands' = 'changed',
): void {
  rig.step({ kind: 'presence', agentId: 'li', presence: { presence, reason }, news });
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
    say(rig, 'paused', 'tea', 'learnt');
    rig.pbx.pause(li, true, 'tea');
    expect(take(rig)).toEqual([]);
    rig.pbx.pause(li, false);
    expect(take(rig)).toEqual(['agent goes on']);
    say(rig, 'available', '', 'learnt');
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
      const seen = { paused: seenReason !== '', reason: seenReason };
      rig.mirror.restorePause('li', { pbx: seen, here: seen });
      say(rig, 'paused', 'lunch', 'stands');
      rig.resync();
      expect(take(rig)).toEqual(expected);
    }
  });

  it('the same by what a version before this one kept, and nothing is known by what nobody can read', () => {
    const restored = (kept: object): string[] => {
      const rig = new Rig();
      rig.mirror.restorePause('li', kept);
      say(rig, 'paused', 'lunch', 'stands');
      rig.resync();
      return take(rig);
    };
    const sent = ['pbx care paused lunch', 'pbx sales paused lunch'];
    expect(restored({ paused: true, reason: 'lunch' })).toEqual(['agent goes on']);
    expect(restored({ paused: false, reason: '' })).toEqual(sent);
    for (const kept of [{}, { pbx: null }, { pbx: 'paused', here: 7 }]) expect(restored(kept)).toEqual(sent);
  });

  it('where nothing is known, who is paused on one side is paused', () => {
    const here = new Rig();
    say(here, 'paused', 'lunch', 'stands');
    here.resync();
    expect(take(here)).toEqual(['pbx care paused lunch', 'pbx sales paused lunch']);
    const there = new Rig();
    there.pbx.pause(li, true, 'tea');
    say(there, 'available', '', 'stands');
    there.resync();
    expect(take(there)).toEqual(['agent paused tea']);
  });
});

describe('what excuses itself is nobody’s change, at the next reading either', () => {
  it('a pause in one queue by a supervisor stands when the agent has left the others', () => {
    const rig = rigWith('available');
    rig.pbx.pause(li, true, 'tea', 'care');
    rig.pbx.remove('sales', li);
    rig.resync();
    rig.resync();
    expect(take(rig)).toEqual([]);
  });

  it('the same when he left them in a gap', () => {
    const rig = rigWith('available');
    rig.pbx.pause(li, true, 'tea', 'care');
    rig.cut();
    rig.pbx.remove('sales', li);
    rig.resync();
    expect(take(rig)).toEqual([]);
  });

  it('nobody is judged by a half-read list: who is let go on in all queues in a gap, and has left one, goes on', () => {
    const rig = rigWith('available');
    rig.pbx.pause(li, true, 'tea');
    say(rig, 'paused', 'tea', 'learnt');
    take(rig);
    rig.cut();
    rig.pbx.pause(li, false);
    rig.pbx.remove('care', li);
    rig.resync();
    expect(take(rig)).toEqual(['agent goes on']);
  });

  it('an order that nobody has carried out is sent again at the next reading, until it is', () => {
    const rig = rigWith('available');
    say(rig, 'paused', 'lunch');
    take(rig);
    for (const queue of ['care', 'sales']) {
      const membership = { nodeId: 'pbx1', queue, interface: li };
      rig.step({ kind: 'pauseFailed', membership, pause: { paused: true, reason: 'lunch' } });
    }
    const again = ['pbx care paused lunch', 'pbx sales paused lunch'];
    rig.resync();
    expect(take(rig)).toEqual(again);
    // On its way: a reading sends it no second time.
    rig.resync();
    expect(take(rig)).toEqual([]);
    rig.nowMs += 5_001;
    rig.resync();
    expect(take(rig)).toEqual(again);
    rig.pbx.pause(li, true, 'lunch');
    rig.resync();
    expect(take(rig)).toEqual([]);
  });

  it('an echo that came before a later order was lost does not settle the later one', () => {
    const rig = rigWith('available');
    say(rig, 'paused', 'lunch');
    say(rig, 'available');
    take(rig);
    rig.pbx.pause(li, true, 'lunch');
    rig.nowMs += 5_001;
    rig.resync();
    expect(take(rig)).toEqual(['pbx care goes on', 'pbx sales goes on']);
  });

  it('an order whose time is over was not carried out: nothing need be taken back', () => {
    const rig = rigWith('available');
    say(rig, 'paused', 'lunch');
    take(rig);
    rig.nowMs += 5_001;
    say(rig, 'available');
    expect(take(rig)).toEqual([]);
  });

  it('of who is signed out nothing is sent; signing in in a gap lets the memberships go on', () => {
    const rig = rigWith('available');
    say(rig, 'signedOut');
    rig.pbx.pause(li, true, 'tea');
    rig.resync();
    rig.cut();
    say(rig, 'available');
    take(rig);
    rig.resync();
    expect(take(rig)).toEqual(['pbx care goes on', 'pbx sales goes on']);
  });
});

describe('agents who have changed', () => {
  it('are paused by the phones they have now, and the former one says nothing of them', () => {
    const rig = rigWith('available');
    rig.step({ kind: 'presence', agentId: 'wang', presence: { presence: 'available', reason: '' }, news: 'stands' });
    const moved: Record<string, string> = { 'PJSIP/1001': 'wang', 'PJSIP/1003': 'li' };
    rig.step({ kind: 'remap', agentOf: (_, dialled) => moved[dialled] });
    expect(take(rig)).toEqual([]);
    say(rig, 'paused', 'lunch');
    expect(rig.outputs.flatMap((one) => (one.kind === 'memberPause' ? [one.membership.interface] : []))).toEqual([
      'PJSIP/1003',
      'PJSIP/1003',
    ]);
    rig.outputs.length = 0;
    rig.pbx.pause('PJSIP/1001', true, 'tea');
    expect(rig.outputs.filter(({ kind }) => kind === 'agentPause')).toEqual([
      { kind: 'agentPause', agentId: 'wang', pause: { paused: true, reason: 'tea' } },
    ]);
    rig.take();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, 'PJSIP/1003');
    expect(rig.take()).toContain('offered li');
  });

  it('new ones who are paused take their phones along', () => {
    const rig = rigWith('available');
    rig.step({ kind: 'presence', agentId: 'chen', presence: { presence: 'paused', reason: 'tea' }, news: 'stands' });
    rig.step({ kind: 'remap', agentOf: (_, dialled) => (dialled === 'PJSIP/1003' ? 'chen' : undefined) });
    expect(take(rig)).toEqual(['pbx care paused tea', 'pbx sales paused tea']);
  });
});

it('tells what it has seen, for the next start', () => {
  const rig = rigWith('available');
  rig.pbx.pause(li, true, 'tea');
  expect(rig.takeOutputs('pauseSeen')).toEqual([
    {
      kind: 'pauseSeen',
      agentId: 'li',
      seen: { pbx: { paused: true, reason: 'tea' }, here: { paused: false, reason: '' } },
    },
  ]);
});
