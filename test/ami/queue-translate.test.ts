import { describe, expect, it } from 'vitest';
import { WireMessage } from '../../src/ami/message.ts';
import { queueChannelOf, translateQueueEvent } from '../../src/ami/queue-translate.ts';

const event = (text: string) => {
  const message = WireMessage.parse(`${text.replaceAll('|', '\r\n')}\r\n`);
  if (!message) throw new Error('not a message');
  return message;
};

const caller =
  'CallerIDNum: 13900000001|CallerIDName: <unknown>|Exten: 6100|Uniqueid: lab-1.0|Linkedid: lab-1.0|Queue: care';
const member = 'DestCallerIDNum: 1001|DestExten: 6100|DestUniqueid: lab-1.2|Interface: PJSIP/1001|MemberName: Li';
const status =
  'Queue: care|MemberName: Li|Interface: Local/1001@from-queue/n|StateInterface: PJSIP/1001|InCall: 1|Status: 6|Paused: 1|PausedReason: tea';
const leg = { uniqueId: 'lab-1.0', callerNumber: '13900000001', dialledNumber: '6100' };

describe('translateQueueEvent', () => {
  it.each([
    [`Event: QueueCallerJoin|${caller}|Position: 1|Count: 1`, { kind: 'callerJoined', queue: 'care', caller: leg }],
    [`Event: QueueCallerLeave|${caller}`, { kind: 'callerLeft', queue: 'care', uniqueId: 'lab-1.0' }],
    [`Event: QueueCallerAbandon|${caller}`, { kind: 'callerAbandoned', queue: 'care', uniqueId: 'lab-1.0' }],
    [
      `Event: AgentCalled|${caller}|${member}`,
      { kind: 'memberCalled', queue: 'care', caller: leg, interface: 'PJSIP/1001', legId: 'lab-1.2' },
    ],
    [
      `Event: AgentConnect|${caller}|${member}|HoldTime: 1|RingTime: 0`,
      { kind: 'memberConnected', queue: 'care', caller: leg, interface: 'PJSIP/1001', legId: 'lab-1.2' },
    ],
    [
      `Event: AgentRingNoAnswer|${caller}|${member}|RingTime: 3000`,
      { kind: 'memberNoAnswer', queue: 'care', uniqueId: 'lab-1.0', legId: 'lab-1.2' },
    ],
    [
      `Event: AgentComplete|${caller}|${member}|Reason: transfer`,
      {
        kind: 'memberCompleted',
        queue: 'care',
        uniqueId: 'lab-1.0',
        interface: 'PJSIP/1001',
        legId: 'lab-1.2',
        reason: 'transfer',
      },
    ],
    ['Event: Hangup|Uniqueid: lab-1.2|Cause: 26', { kind: 'channelGone', uniqueId: 'lab-1.2', cause: 26 }],
    ['Event: Hangup|Uniqueid: lab-1.2|Cause: nonsense', { kind: 'channelGone', uniqueId: 'lab-1.2', cause: 0 }],
    [
      'Event: QueueMemberRemoved|Queue: care|Interface: PJSIP/1001',
      { kind: 'memberRemoved', queue: 'care', interface: 'PJSIP/1001' },
    ],
    [
      `Event: QueueMemberPause|${status}`,
      {
        kind: 'memberChanged',
        queue: 'care',
        member: {
          interface: 'Local/1001@from-queue/n',
          stateInterface: 'PJSIP/1001',
          device: 'ringing',
          paused: true,
          pausedReason: 'tea',
          inCall: true,
        },
      },
    ],
    ['Event: QueueMemberStatus|Queue: care', undefined],
    ['Event: AgentCalled|Queue: care|Uniqueid: lab-1.0|Interface: PJSIP/1001', undefined],
    ['Event: QueueCallerJoin|Queue: care', undefined],
    ['Event: DeviceStateChange|Device: PJSIP/1001|State: INUSE', undefined],
  ])('%s', (text, fact) => {
    expect(translateQueueEvent(event(text), 'n', 5)).toEqual(fact && { nodeId: 'n', atMs: 5, ...fact });
  });

  it('takes a withheld number for none, and what a name may not hold out of it', () => {
    const fact = translateQueueEvent(
      event(`Event: QueueCallerJoin|Uniqueid: 1|CallerIDNum: <unknown>|Exten: 6\u0007100|Queue: ${'q'.repeat(300)}`),
      'n',
      5,
    );
    expect(fact).toMatchObject({ caller: { callerNumber: '', dialledNumber: '6100' }, queue: 'q'.repeat(128) });
  });
});

describe('queueChannelOf', () => {
  const channel = (name: string, rest: string) => `Event: Status|Channel: ${name}|Uniqueid: 1.5|Linkedid: 1.0|${rest}`;

  it.each([
    [
      channel('PJSIP/trunk-0000', 'Application: Queue|Data: care,c,,,20|ChannelState: 6|BridgeID: b1'),
      { role: 'caller', queue: 'care', answered: true, bridgeId: 'b1', linkedId: '1.0' },
    ],
    [
      channel('PJSIP/li-wang-0000002a', 'Application: AppQueue|Data: (Outgoing Line)|ChannelState: 5|BridgeID: '),
      { role: 'member', interface: 'PJSIP/li-wang', answered: false, bridgeId: undefined },
    ],
    [
      channel('Local/1001@from-queue-00000001;1', 'Application: AppQueue|ChannelState: 6'),
      { role: 'member', interface: 'Local/1001@from-queue' },
    ],
    [
      channel('PJSIP/1001-0000', 'Application: AppDial|ChannelState: 6|BridgeID: b1'),
      { role: 'other', interface: 'PJSIP/1001' },
    ],
  ])('%s', (text, found) => {
    expect(queueChannelOf(event(text))).toMatchObject(found);
  });

  it('passes a channel that is no business of app_queue', () => {
    const other = channel('PJSIP/1001-0000', 'Application: Playback|ChannelState: 6|BridgeID: ');
    expect(queueChannelOf(event(other))).toBeUndefined();
  });
});
