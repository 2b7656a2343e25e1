import { describe, expect, it } from 'vitest';
import type { QueueFact } from '../../../src/mirror/ports.ts';
import { phone } from '../app-queue.ts';
import { Rig } from './rig.ts';

const li = 'PJSIP/1001';
const wang = 'PJSIP/1002';
const local = 'Local/77@agents';
const issabel = 'Local/1001@from-queue/n';

const talking = (rig: Rig, dialled: string, queue = 'care'): string => {
  const caller = rig.pbx.join(queue);
  rig.pbx.ring(caller, dialled);
  rig.pbx.answer(caller, dialled);
  rig.take();
  return caller;
};

/** Members of both queues as given; `Local/77@agents` and 1001 in the form of Issabel are li. */
function rigOf(...interfaces: string[]): Rig {
  const agents: Record<string, string> = { [local]: 'li', [issabel]: 'li', [li]: 'li', [wang]: 'wang' };
  const rig = new Rig({ agentOf: (_, dialled) => agents[dialled] });
  for (const queue of ['care', 'sales']) {
    for (const dialled of interfaces) {
      rig.pbx.put(queue, phone('x', { interface: dialled, stateInterface: dialled }));
    }
  }
  rig.resync();
  rig.take();
  return rig;
}

describe('an agent who hears something before he is connected', () => {
  it('has one call, however long that takes: the caller has left the queue and nobody has overflowed', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    rig.take();
    rig.nowMs += 2_000;
    rig.pbx.pickUp(caller, li);
    for (let second = 0; second < 20; second += 1) rig.pass(1_000);
    expect(rig.take()).toEqual([]);
    rig.pbx.connect(caller);
    expect(rig.take()).toEqual(['answered li', 'connected li']);
  });

  it('who does not accept: the caller has overflowed when the phone is gone', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    const legId = rig.pbx.ring(caller, li) ?? '';
    rig.pbx.pickUp(caller, li);
    rig.pass(5_000);
    rig.take();
    rig.step({ kind: 'fact', fact: { kind: 'channelGone', nodeId: 'pbx1', atMs: 0, uniqueId: legId, cause: 16 } });
    rig.pass(1_000);
    expect(rig.take()).toEqual(['offer.ended li noAnswer', 'ended overflowed']);
  });

  it('has the whole time of ringing again, and no more', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    rig.pass(50_000);
    rig.pbx.pickUp(caller, li);
    rig.take();
    rig.pass(59_000);
    expect(rig.take()).toEqual([]);
    rig.pass(1_000);
    expect(rig.take()).toEqual(['offer.ended li noAnswer', 'ended overflowed']);
  });
});

describe('members by Local channels, after a gap', () => {
  it('are known though a channel’s name leaves out the options', () => {
    const rig = rigOf(issabel);
    const known = rig.pbx.join('care');
    rig.pbx.ring(known, issabel);
    rig.take();
    rig.cut();
    rig.pbx.answer(known, issabel);
    rig.resync();
    expect(rig.take()).toEqual(['answered li', 'connected li']);
    rig.cut();
    talking(rig, issabel);
    const ringing = rig.pbx.join('sales');
    rig.pbx.ring(ringing, issabel);
    rig.resync();
    expect(rig.take().filter((line) => line.endsWith(' li'))).toEqual([
      'offered li',
      'answered li',
      'connected li',
      'offered li',
    ]);
    const calls = [...rig.mirror.book.calls.values()];
    expect(
      calls.flatMap(({ talk, offers }) =>
        [talk ?? offers[0]].map((at) => at && ('dialled' in at ? at.dialled : at.interface)),
      ),
    ).toEqual([issabel, issabel, issabel]);
  });
});

describe('a caller whom the agent has passed to somebody in person', () => {
  it('is not adopted again at each reading, though Queue() holds him', () => {
    const rig = new Rig();
    const caller = talking(rig, li);
    rig.pbx.passOn(caller, wang);
    expect(rig.take()).toEqual(['ended transferred']);
    for (let times = 0; times < 2; times += 1) {
      rig.cut();
      rig.resync();
    }
    expect(rig.take()).toEqual([]);
    rig.pbx.hangUp(caller);
    expect(rig.takeOutputs('passedOn').map(({ lives }) => lives)).toEqual([true, false]);
  });

  it('nor after a restart, by what the store kept; and is forgotten when he is gone', () => {
    const before = new Rig();
    const caller = talking(before, li);
    before.pbx.passOn(caller, wang);
    const [kept] = before.takeOutputs('passedOn');
    const rig = new Rig();
    rig.mirror.restorePassedOn(kept?.channel ?? '');
    rig.step({ kind: 'snapshot', snapshot: before.pbx.snapshot() });
    expect(rig.take()).toEqual([]);
    before.pbx.restart();
    rig.step({ kind: 'snapshot', snapshot: before.pbx.snapshot() });
    expect(rig.takeOutputs('passedOn').map(({ lives }) => lives)).toEqual([false]);
  });

  it('in a gap: his call is over, and who has him now is popped nothing', () => {
    const rig = new Rig();
    const caller = talking(rig, li);
    rig.cut();
    rig.pbx.passOn(caller, wang);
    rig.resync();
    rig.resync();
    expect(rig.take()).toEqual(['ended transferred']);
  });

  it('has another call when he comes to a queue again', () => {
    const rig = new Rig();
    const caller = talking(rig, li);
    rig.pbx.release(caller, 'transfer');
    rig.take();
    rig.cut();
    rig.pbx.rejoin(caller, 'sales');
    rig.pbx.ring(caller, wang);
    rig.pbx.answer(caller, wang);
    rig.resync();
    expect(rig.take().slice(-2)).toEqual(['connected wang', 'customer.updated']);
  });
});

it('a caller who was passed to another queue in a gap and answered there has another call, with its pop', () => {
  const rig = new Rig();
  const caller = talking(rig, li);
  rig.cut();
  rig.pbx.release(caller, 'transfer');
  rig.pbx.rejoin(caller, 'sales');
  rig.pbx.ring(caller, wang);
  rig.pbx.answer(caller, wang);
  rig.resync();
  expect(rig.take()).toEqual([
    'ended transferred',
    'arrived',
    'queued arrived',
    'offered wang',
    'answered wang',
    'connected wang',
    'customer.updated',
  ]);
  rig.pbx.release(caller, 'agent');
  expect(rig.take()).toEqual(['ended completed']);
});

describe('a Local channel that is optimised away', () => {
  it('leaves a conversation that ends with its completion, as who talks there', () => {
    const rig = rigOf(local);
    const caller = talking(rig, local);
    rig.pbx.optimise(caller, li);
    expect(rig.take()).toEqual([]);
    rig.pbx.release(caller, 'transfer');
    expect(rig.take()).toEqual(['ended transferred']);
  });

  it('without a word: the completion names the member', () => {
    const rig = rigOf(local);
    const caller = talking(rig, local);
    const legId = [...rig.mirror.book.calls.values()][0]?.talk?.legId ?? '';
    const say = (fact: QueueFact): void => void rig.step({ kind: 'fact', fact });
    const base = { nodeId: 'pbx1', atMs: 0, queue: 'care', uniqueId: caller, legId: 'the-phone' };
    say({ ...base, kind: 'memberCompleted', interface: local, reason: 'transfer' });
    expect(rig.take()).toEqual([]);
    say({ kind: 'channelGone', nodeId: 'pbx1', atMs: 0, uniqueId: legId, cause: 16 });
    say({ ...base, kind: 'memberCompleted', interface: local, reason: 'transfer' });
    expect(rig.take()).toEqual(['ended transferred']);
  });

  it('in a gap: the conversation goes on, on the phone behind, also where that is nobody’s', () => {
    for (const behind of [li, 'PJSIP/trunk']) {
      const rig = rigOf(behind === li ? local : 'Local/555@out');
      const caller = talking(rig, behind === li ? local : 'Local/555@out');
      rig.cut();
      const legId = rig.pbx.optimise(caller, behind);
      rig.resync();
      expect([rig.take(), [...rig.mirror.book.calls.values()][0]?.talk?.legId]).toEqual([[], legId]);
      rig.pbx.release(caller, 'agent');
      expect(rig.take()).toEqual(['ended completed']);
    }
  });

  it('of a caller: the call goes on by the channel behind', () => {
    const rig = new Rig();
    const caller = talking(rig, li);
    const say = (fact: QueueFact): void => void rig.step({ kind: 'fact', fact });
    say({ kind: 'channelReplaced', nodeId: 'pbx1', atMs: 0, halves: ['x', caller], by: 'behind' });
    say({ kind: 'channelGone', nodeId: 'pbx1', atMs: 0, uniqueId: caller, cause: 16 });
    expect([rig.take(), rig.mirror.book.calls.size]).toEqual([[], 1]);
    say({ kind: 'channelGone', nodeId: 'pbx1', atMs: 0, uniqueId: 'behind', cause: 16 });
    expect(rig.take()).toEqual(['ended completed']);
  });
});

describe('a fact that makes no sense while the PBX is read', () => {
  const lost = (rig: Rig, work: () => void): void => {
    rig.up = false;
    work();
    rig.up = true;
  };

  it('is read once more for, and what was found is not taken for newer', () => {
    const rig = new Rig();
    const caller = talking(rig, li);
    // That he was passed on and waits again is lost.
    lost(rig, () => {
      rig.pbx.release(caller, 'transfer');
      rig.pbx.rejoin(caller, 'sales');
    });
    rig.step({ kind: 'reading', nodeId: 'pbx1' });
    const listed = rig.pbx.snapshot();
    rig.pbx.ring(caller, wang);
    const outputs = rig.step({ kind: 'snapshot', snapshot: listed });
    expect(outputs.filter(({ kind }) => kind === 'reread')).toEqual([{ kind: 'reread', nodeId: 'pbx1' }]);
    expect(rig.take()).toEqual([]);
    expect(rig.resync().filter(({ kind }) => kind === 'reread')).toEqual([]);
    expect(rig.take()).toEqual(['ended transferred', 'arrived', 'queued arrived', 'customer.updated', 'offered wang']);
  });

  it('once: what stays odd is left to the next reading', () => {
    const rig = new Rig({ callsMax: 1 });
    rig.pbx.join('care');
    const shed = rig.pbx.join('care');
    const readings = [1, 2, 3].map(() => {
      rig.step({ kind: 'reading', nodeId: 'pbx1' });
      rig.pbx.ring(shed, li);
      rig.pbx.unanswered(shed, li);
      return rig.step({ kind: 'snapshot', snapshot: rig.pbx.snapshot() }).some(({ kind }) => kind === 'reread');
    });
    expect(readings).toEqual([true, false, true]);
  });
});

it('shows a member who is nobody’s without the middle of a telephone number', () => {
  const external = 'Local/13800138001@from-queue/n';
  const rig = rigOf(external);
  talking(rig, external);
  const [call] = rig.mirror.book.calls.values();
  expect(call?.talk).toMatchObject({ party: { id: 'Local/masked@from-queue/n' }, dialled: external });
});

describe('limits', () => {
  it('a call that found no room is counted once, and begins when there is room again', () => {
    const rig = new Rig({ callsMax: 1 });
    const first = rig.pbx.join('care');
    const second = rig.pbx.join('care');
    for (let times = 0; times < 3; times += 1) {
      rig.pbx.ring(second, wang);
      rig.pbx.unanswered(second, wang);
    }
    expect(rig.mirror.shed.calls).toBe(1);
    rig.pbx.hangUp(first);
    rig.take();
    rig.pbx.ring(second, wang);
    expect(rig.take()).toEqual(['arrived', 'queued arrived', 'customer.updated', 'offered wang']);
  });

  it('a call that begins while readings fail is not stale before its time', () => {
    const rig = new Rig();
    rig.cut();
    rig.up = true;
    rig.pass(599_000);
    const caller = talking(rig, li);
    rig.pass(2_000);
    expect(rig.take()).toEqual([]);
    rig.pbx.hangUp(caller);
    expect(rig.take()).toEqual(['ended completed']);
  });

  it('of the channels that are over only the last are remembered', () => {
    const rig = new Rig();
    const first = rig.pbx.join('care');
    const round = rig.pbx.rounds.get(first)?.caller;
    rig.pbx.hangUp(first);
    for (let calls = 0; calls < 2_000; calls += 1) rig.pbx.hangUp(rig.pbx.join('care'));
    rig.take();
    if (round)
      rig.step({ kind: 'fact', fact: { kind: 'callerJoined', nodeId: 'pbx1', atMs: 0, queue: 'care', caller: round } });
    expect(rig.take()[0]).toBe('arrived');
  });
});
