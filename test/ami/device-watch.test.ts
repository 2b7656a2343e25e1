import { describe, expect, it } from 'vitest';
import { translateAmiEvent, watchDevices } from '../../src/ami/index.ts';
import { WireMessage } from '../../src/ami/message.ts';
import type { DeviceFact } from '../../src/call/index.ts';
import { settle } from '../support/fake-clock.ts';
import { type FakeSession, linkOverMemory, silent } from './fakes.ts';

const event = (text: string) => {
  const message = WireMessage.parse(`${text.replaceAll('|', '\r\n')}\r\n`);
  if (!message) throw new Error('not a message');
  return message;
};

describe('translateAmiEvent', () => {
  it.each([
    [
      'Event: DeviceStateChange|Device: PJSIP/1|State: RINGINUSE',
      { kind: 'deviceStateChanged', device: 'PJSIP/1', state: 'ringInUse' },
    ],
    [
      'Event: DeviceStateChange|Device: PJSIP/1|State: BRANDNEW',
      { kind: 'deviceStateChanged', device: 'PJSIP/1', state: 'unknown' },
    ],
    ['Event: DeviceStateChange|State: INUSE', undefined],
    [
      'Event: ContactStatus|EndpointName: 1|ContactStatus: Reachable',
      { kind: 'contactChanged', device: 'PJSIP/1', reachable: true },
    ],
    [
      'Event: ContactStatus|EndpointName: 1|ContactStatus: Removed',
      { kind: 'contactChanged', device: 'PJSIP/1', reachable: false },
    ],
    ['Event: ContactStatus|EndpointName: 1|ContactStatus: Created', undefined],
    ['Event: ContactStatus|ContactStatus: Reachable', undefined],
    ['Event: Shutdown|Shutdown: Cleanly|Restart: False', { kind: 'pbxStopping' }],
    ['Event: FullyBooted', undefined],
    ['Event: SomethingNew|Device: PJSIP/1', undefined],
  ])('%s', (text, fact) => {
    const base = { nodeId: 'n', atMs: 5 };
    expect(translateAmiEvent(event(text), 'n', 5)).toEqual(fact && { ...base, ...fact });
  });
});

function watched() {
  const memory = linkOverMemory();
  const facts: string[] = [];
  const emit = (fact: DeviceFact) => facts.push(told(fact));
  const watch = watchDevices({ link: memory.link, clock: memory.clock, log: silent, emit });
  memory.link.start();
  return { ...memory, facts, watch, takeFacts: () => facts.splice(0) };
}

function told(fact: DeviceFact): string {
  if (fact.kind === 'deviceStateChanged') return `${fact.device} ${fact.state}`;
  return fact.kind === 'pbxStarted' ? `started ${fact.restarted}` : fact.kind;
}

const change = (device: string, state: string, id = '') =>
  `Event: DeviceStateChange\r\n${id && `ActionID: ${id}\r\n`}Device: ${device}\r\nState: ${state}\r\n\r\n`;

/** Answers CoreStatus; then the list can be answered by `answerList`. */
async function answerStatus(session: FakeSession, stamp = '10:00:00'): Promise<void> {
  session.answer('CoreStatus', 'CoreStartupDate: 2026-11-22', `CoreStartupTime: ${stamp}`);
  await settle();
}

async function answerList(session: FakeSession, states: Record<string, string>, meanwhile = ''): Promise<void> {
  session.answer('DeviceStateList', 'EventList: start');
  const id = session.action('DeviceStateList').get('ActionID');
  session.say(
    Object.entries(states)
      .map(([device, state]) => change(device, state, id))
      .join(''),
  );
  session.say(meanwhile);
  session.say(`Event: DeviceStateListComplete\r\nActionID: ${id}\r\nEventList: Complete\r\n\r\n`);
  await settle();
}

describe('watchDevices', () => {
  it('tells the start and every state after up, then changes only', async () => {
    const { session, takeFacts, watch } = watched();
    await session().goUp();
    await answerStatus(session());
    await answerList(session(), { a: 'INUSE', b: 'NOT_INUSE' });
    expect(takeFacts()).toEqual(['started false', 'a inUse', 'b notInUse']);
    session().say(change('a', 'INUSE') + change('b', 'RINGING') + change('c', 'BUSY'));
    expect(takeFacts()).toEqual(['b ringing', 'c busy']);
    expect(watch.stats).toEqual({ resyncs: 1, resyncFailures: 0, devices: 3 });
  });

  it('takes a live event for newer than the list that was under way', async () => {
    const { session, takeFacts } = watched();
    await session().goUp();
    await answerStatus(session());
    await answerList(session(), { a: 'INUSE' }, change('a', 'RINGING'));
    expect(takeFacts()).toEqual(['started false', 'a ringing']);
  });

  it('after a gap tells everything anew, also what did not change, and sees a restart', async () => {
    const { session, clock, takeFacts } = watched();
    await session().goUp();
    await answerStatus(session());
    await answerList(session(), { a: 'INUSE', b: 'NOT_INUSE', gone: 'INUSE' });
    takeFacts();
    session().drop();
    await clock.advance(500);
    await session().goUp();
    await answerStatus(session());
    await answerList(session(), { a: 'NOT_INUSE', b: 'NOT_INUSE' });
    expect(takeFacts()).toEqual(['a notInUse', 'b notInUse']);
    session().drop();
    await clock.advance(500);
    await session().goUp();
    await answerStatus(session(), '10:30:00');
    expect(takeFacts()).toEqual(['started true']);
  });

  it('sees a restart by uptime alone where CoreStatus is refused', async () => {
    const { session, clock, takeFacts } = watched();
    const refuse = async () => {
      const id = session().action('CoreStatus').get('ActionID');
      session().say(`Response: Error\r\nActionID: ${id}\r\nMessage: Permission denied\r\n\r\n`);
      await settle();
    };
    await session().goUp();
    await refuse();
    expect(takeFacts()).toEqual(['started false']);
    session().drop();
    await clock.advance(500);
    await session().goUp(3);
    await refuse();
    expect(takeFacts()).toEqual(['started true']);
  });

  it('tries again when the list fails, until it is stopped', async () => {
    const { session, clock, watch, facts } = watched();
    await session().goUp();
    await answerStatus(session());
    const refuseList = async () => {
      const id = session().action('DeviceStateList').get('ActionID');
      session().say(`Response: Error\r\nActionID: ${id}\r\nMessage: Permission denied\r\n\r\n`);
      await settle();
    };
    await refuseList();
    expect(watch.stats).toMatchObject({ resyncs: 0, resyncFailures: 1 });
    await clock.advance(2_000);
    await answerStatus(session());
    await answerList(session(), { a: 'INUSE' });
    expect(watch.stats).toMatchObject({ resyncs: 1, resyncFailures: 1 });
    watch.stop();
    session().say(change('a', 'NOT_INUSE'));
    expect(facts).toEqual(['started false', 'a inUse']);
  });
});
