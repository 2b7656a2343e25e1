import { describe, expect, it } from 'vitest';
import { phone } from '../app-queue.ts';
import { Rig } from './rig.ts';

const li = 'PJSIP/1001';
const wang = 'PJSIP/1002';
const stranger = 'PJSIP/1003';

describe('a call that app_queue routes', () => {
  it('is popped, connected and over as one of ours', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    rig.nowMs += 2_000;
    rig.pbx.answer(caller, li);
    rig.nowMs += 5_000;
    rig.pbx.hangUp(caller);
    const ended = rig.told.at(-1)?.event;
    expect(ended).toMatchObject({ waitedMs: 2_000, talkMs: 5_000, attempts: 1 });
    const versions = rig.told.map(({ call }) => call.version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
    expect(rig.take()).toEqual([
      'arrived',
      'queued arrived',
      'customer.updated',
      'offered li',
      'answered li',
      'connected li',
      'ended completed',
    ]);
  });

  it('waits with the pop until it is known who calls, and no longer than that', () => {
    const rig = new Rig();
    rig.knows = false;
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    expect(rig.take()).toEqual(['arrived', 'queued arrived']);
    rig.know('aq-1');
    expect(rig.take()).toEqual(['customer.updated', 'offered li']);
  });

  it('is popped before it connects though nobody knows yet who calls', () => {
    const rig = new Rig();
    rig.knows = false;
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    rig.pbx.answer(caller, li);
    rig.know('aq-1', true);
    const story = rig.take();
    expect(story.slice(2)).toEqual(['offered li', 'answered li', 'connected li', 'customer.updated']);
  });

  it('is popped to each whose phone rings, and taken away from the slower ones', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    for (const dialled of [li, wang, stranger]) rig.pbx.ring(caller, dialled);
    rig.take();
    rig.pbx.answer(caller, wang);
    expect(rig.take()).toEqual([
      'offer.ended li rescinded',
      'offer.ended PJSIP/1003 rescinded',
      'answered wang',
      'connected wang',
    ]);
  });

  it.each([
    ['nobody picks up', 0, 'noAnswer'],
    ['the phone declines', 21, 'declined'],
    ['the phone is busy', 17, 'busy'],
    ['the phone is not there', 20, 'unreachable'],
  ])('tells why an offer came to nothing: %s', (_, cause, outcome) => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    rig.take();
    rig.pbx.unanswered(caller, li, cause);
    expect(rig.take()).toEqual([`offer.ended li ${outcome}`]);
    rig.pbx.ring(caller, li);
    expect(rig.take()).toEqual(['offered li']);
  });

  it('is abandoned when the caller hangs up, whichever phone stops first', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    for (const dialled of [li, wang]) rig.pbx.ring(caller, dialled);
    rig.take();
    rig.pbx.hangUp(caller);
    expect(rig.take()).toEqual(['offer.ended li callerLeft', 'offer.ended wang callerLeft', 'ended abandoned']);
    expect(rig.mirror.book.calls.size).toBe(0);
  });

  it('overflows, and is not abandoned, when the queue gives up and the caller stays', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.take();
    rig.pbx.timeout(caller);
    expect(rig.take()).toEqual([]);
    rig.pass(1_000);
    expect(rig.take()).toEqual(['ended overflowed']);
    rig.pbx.hangUp(caller);
    expect(rig.take()).toEqual([]);
  });

  it('goes on as the same call in the next queue', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.timeout(caller);
    rig.pbx.rejoin(caller, 'sales');
    rig.take();
    rig.pass(5_000);
    expect([rig.take(), rig.mirror.figures('sales', rig.nowMs).waiting]).toEqual([[], 1]);
    expect(rig.mirror.figures('care', rig.nowMs).waiting).toBe(0);
  });

  it('ends as transferred when the agent passes it on', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    rig.pbx.answer(caller, li);
    rig.take();
    rig.pbx.release(caller, 'transfer');
    expect(rig.take()).toEqual(['ended transferred']);
    rig.pbx.rejoin(caller, 'sales');
    expect(rig.take()).toEqual(['arrived', 'queued arrived', 'customer.updated']);
  });

  it('finds no room beyond the limit, which is counted', () => {
    const rig = new Rig({ callsMax: 1 });
    rig.pbx.join('care');
    rig.pbx.join('care');
    expect([rig.mirror.book.calls.size, rig.mirror.shed.calls]).toEqual([1, 1]);
  });

  it('tells routing who talks, and when it is over', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    rig.pbx.answer(caller, li);
    expect(rig.takeOutputs('talks').map(({ agentId }) => agentId)).toEqual(['li']);
    rig.pbx.release(caller, 'agent');
    expect(rig.takeOutputs('hungUp').map(({ agentId }) => agentId)).toEqual(['li']);
  });
});

describe('defects of other mirrors of app_queue', () => {
  it('QueueCallerLeave taken for the end: it comes before AgentConnect, too', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    rig.pbx.answer(caller, li);
    expect(rig.take()).not.toContain(expect.stringContaining('ended'));
  });

  it('a call counted twice: QueueCallerAbandon, QueueCallerLeave and Hangup are one end', () => {
    const rig = new Rig();
    rig.pbx.hangUp(rig.pbx.join('care'));
    expect(rig.take().filter((line) => line.startsWith('ended'))).toEqual(['ended abandoned']);
  });

  it('ringing for ever: no event tells a phone of ring-all that it was too slow', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.up = false;
    rig.pbx.ring(caller, wang);
    rig.up = true;
    rig.step({
      kind: 'fact',
      fact: {
        kind: 'memberCalled',
        nodeId: 'pbx1',
        atMs: 0,
        queue: 'care',
        caller: { uniqueId: caller, callerNumber: '', dialledNumber: '' },
        interface: li,
        legId: 'never-heard-of-again',
      },
    });
    rig.take();
    rig.pass(60_000);
    expect(rig.take()).toEqual(['offer.ended li noAnswer']);
  });

  it('a Local channel that is optimised away ends the call of who talks on it', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    const legId = rig.pbx.ring(caller, li) ?? '';
    rig.pbx.answer(caller, li);
    rig.take();
    rig.step({ kind: 'fact', fact: { kind: 'channelGone', nodeId: 'pbx1', atMs: 0, uniqueId: legId, cause: 16 } });
    expect([rig.take(), rig.mirror.book.calls.size]).toEqual([[], 1]);
  });

  it('late news of a caller who is gone begins a call that never ends', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    const round = rig.pbx.rounds.get(caller)?.caller;
    rig.pbx.hangUp(caller);
    rig.take();
    if (round) {
      rig.step({ kind: 'fact', fact: { kind: 'callerJoined', nodeId: 'pbx1', atMs: 0, queue: 'care', caller: round } });
    }
    expect([rig.take(), rig.mirror.book.calls.size]).toEqual([[], 0]);
  });

  it('all of the day’s calls popped again after a reconnect', () => {
    const rig = new Rig();
    const [talking, ringing] = [rig.pbx.join('care'), rig.pbx.join('care')];
    rig.pbx.ring(talking, li);
    rig.pbx.answer(talking, li);
    rig.pbx.ring(ringing, wang);
    rig.take();
    rig.cut();
    rig.resync();
    expect(rig.take()).toEqual([]);
  });
});

describe('after a gap', () => {
  const talking = (rig: Rig, dialled: string): string => {
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, dialled);
    rig.pbx.answer(caller, dialled);
    return caller;
  };

  it('what ended meanwhile ends, what stands goes on, what began is adopted; all marked', () => {
    const rig = new Rig();
    const [gone, stays] = [talking(rig, li), talking(rig, wang)];
    const quit = rig.pbx.join('sales');
    rig.take();
    rig.cut();
    rig.pbx.hangUp(gone);
    rig.pbx.hangUp(quit);
    const fresh = rig.pbx.join('sales');
    rig.pbx.ring(fresh, li);
    const outputs = rig.resync();
    expect(rig.take()).toEqual([
      'ended completed',
      'ended abandoned',
      'arrived',
      'queued arrived',
      'customer.updated',
      'offered li',
    ]);
    expect(outputs.flatMap((output) => (output.kind === 'call' ? [output.inferred] : []))).not.toContain(false);
    expect(outputs.find(({ kind }) => kind === 'compared')).toMatchObject({ kept: 1, adopted: 1, ended: 2 });
    rig.pbx.hangUp(stays);
    expect(rig.take()).toEqual(['ended completed']);
  });

  it('an answer in the gap connects; a conversation that nobody saw begin is adopted as one', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    rig.take();
    rig.cut();
    rig.pbx.answer(caller, li);
    const other = rig.pbx.join('care');
    rig.pbx.ring(other, wang);
    rig.pbx.answer(other, wang);
    rig.resync();
    expect(rig.take()).toEqual([
      'answered li',
      'connected li',
      'arrived',
      'queued arrived',
      'offered wang',
      'answered wang',
      'connected wang',
      'customer.updated',
    ]);
  });

  it('without a list of channels who is in a call is believed to be in the one that is known', () => {
    const rig = new Rig();
    const [gone] = [talking(rig, li), talking(rig, wang)];
    rig.cut();
    rig.pbx.hangUp(gone);
    rig.take();
    rig.resync(false);
    expect([rig.take(), rig.mirror.book.calls.size]).toEqual([['ended completed'], 1]);
  });

  it('a PBX that has started anew holds nothing: all are over', () => {
    const rig = new Rig();
    talking(rig, li);
    rig.pbx.join('sales');
    rig.take();
    rig.cut();
    rig.pbx.restart();
    rig.resync();
    expect(rig.take()).toEqual(['ended completed', 'ended abandoned']);
  });

  it('a PBX that does not come back: its calls are over after the limit, not before', () => {
    const rig = new Rig();
    talking(rig, li);
    rig.take();
    rig.cut();
    rig.pass(599_999);
    expect(rig.take()).toEqual([]);
    rig.pass(1);
    expect(rig.take()).toEqual(['ended completed']);
  });

  it('a call of the store goes on as the same call', () => {
    const before = new Rig();
    const caller = talking(before, li);
    const [call] = before.mirror.book.calls.values();
    const rig = new Rig();
    if (call) rig.mirror.restore(JSON.parse(JSON.stringify(call)), rig.nowMs);
    rig.step({ kind: 'reading', nodeId: 'pbx1' });
    rig.step({ kind: 'snapshot', snapshot: before.pbx.snapshot() });
    expect([rig.take(), rig.mirror.book.calls.get(call?.id ?? '')?.version]).toEqual([[], call?.version]);
    rig.step({ kind: 'fact', fact: { kind: 'channelGone', nodeId: 'pbx1', atMs: 0, uniqueId: caller, cause: 16 } });
    expect(rig.take()).toEqual(['ended completed']);
  });

  it('what facts tell while it is read is newer than what is found', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    const stale = rig.pbx.snapshot();
    rig.step({ kind: 'reading', nodeId: 'pbx1' });
    rig.pbx.hangUp(caller);
    rig.pbx.pause('PJSIP/1003', true, 'tea');
    rig.take();
    rig.step({ kind: 'snapshot', snapshot: stale });
    expect([rig.take(), rig.mirror.book.calls.size]).toEqual([[], 0]);
    expect(rig.mirror.figures('care', rig.nowMs)).toMatchObject({ total: 3, free: 2, paused: 1 });
  });
});

describe('while the PBX is read', () => {
  it('an answer is newer than the list that still has the caller waiting', () => {
    const rig = new Rig();
    const caller = rig.pbx.join('care');
    rig.pbx.ring(caller, li);
    const stale = rig.pbx.snapshot();
    rig.step({ kind: 'reading', nodeId: 'pbx1' });
    rig.pbx.answer(caller, li);
    rig.take();
    rig.step({ kind: 'snapshot', snapshot: stale });
    expect(rig.take()).toEqual([]);
  });
});

it('reads fifty queues of twenty members, each with callers, in one step', () => {
  const names = Array.from({ length: 50 }, (_, index) => `q${index}`);
  const queues = names.map((queue, at) => ({
    queue,
    members: Array.from({ length: 20 }, (_, index) => phone(String(1000 + at * 20 + index))),
    waiting: Array.from({ length: 20 }, (_, index) => ({
      caller: { uniqueId: `${at}.${index}`, callerNumber: '139', dialledNumber: queue },
      waitedMs: 1_000,
    })),
  }));
  const rig = new Rig({ queues: names.map((id) => ({ id, nodeId: 'pbx1', name: id })), callsMax: 2_000 });
  const snapshot = { nodeId: 'pbx1', atMs: 0, queues };
  for (const adopted of [1_000, 0]) {
    const outputs = rig.step({ kind: 'snapshot', snapshot });
    expect(outputs.find(({ kind }) => kind === 'compared')).toMatchObject({ kept: 1_000 - adopted, adopted, ended: 0 });
  }
  expect(rig.mirror.figures('q49', rig.nowMs)).toMatchObject({ waiting: 20, total: 20, free: 20 });
});

describe('members', () => {
  it('are counted by what they can do, and swept when the PBX has them no more', () => {
    const rig = new Rig();
    rig.resync();
    const { pbx } = rig;
    const member = (dialled: string) => pbx.members.get('care')?.get(dialled);
    pbx.put('care', {
      ...member(li),
      interface: li,
      stateInterface: li,
      device: 'inUse',
      paused: false,
      pausedReason: '',
      inCall: true,
    });
    pbx.put('care', {
      interface: wang,
      stateInterface: wang,
      device: 'unavailable',
      paused: true,
      pausedReason: '',
      inCall: false,
    });
    const counts = rig.mirror.figures('care', rig.nowMs);
    expect(counts).toMatchObject({ total: 3, free: 1, busy: 1, paused: 0, away: 1 });
    rig.cut();
    pbx.remove('care', wang);
    rig.resync();
    expect(rig.mirror.figures('care', rig.nowMs)).toMatchObject({ total: 2, away: 0 });
  });

  it('find no room beyond the limit, which is counted', () => {
    const rig = new Rig({ membersMax: 2 });
    rig.resync();
    expect([rig.mirror.figures('care', 0).total, rig.mirror.shed.members]).toEqual([2, 2]);
  });
});
