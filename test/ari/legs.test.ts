import { describe, expect, it } from 'vitest';
import { LegBook } from '../../src/ari/legs.ts';
import { translate } from '../../src/ari/translate.ts';
import type { AriEvent } from '../../src/ari/generated/models.ts';

const channel = (id: string, state = 'Ring') => ({
  id,
  name: `PJSIP/${id}`,
  state,
  caller: { name: 'Li\u202e\u0007 Na', number: '138' },
  connected: { name: '', number: '' },
  accountcode: '',
  dialplan: { context: 'in', exten: '4001', priority: 1 },
  creationtime: 'now',
  language: 'zh',
});
const base = { application: 'r', timestamp: 'now' };
const start = (id: string, args: string[], state?: string): AriEvent => ({
  ...base,
  type: 'StasisStart',
  args,
  channel: channel(id, state),
});
const state = (id: string, to: string): AriEvent => ({ ...base, type: 'ChannelStateChange', channel: channel(id, to) });
const end = (id: string): AriEvent => ({ ...base, type: 'StasisEnd', channel: channel(id) });
const hangup = (id: string, cause: number): AriEvent => ({
  ...base,
  type: 'ChannelHangupRequest',
  cause,
  channel: channel(id),
});
const destroyed = (id: string, cause: number): AriEvent => ({
  ...base,
  type: 'ChannelDestroyed',
  cause,
  cause_txt: '',
  channel: channel(id),
});
const dialled = (id: string, dialstatus: string): AriEvent => ({
  ...base,
  type: 'Dial',
  dialstatus,
  peer: channel(id),
});
const caller = start('c', ['vip', 'x']);
const agent = start('a', ['ringmaster-dialled'], 'Down');

function read(...events: AriEvent[]) {
  const legs = new LegBook(100);
  const readings = events.map((event) => translate(event, legs));
  return {
    legs,
    facts: readings.flatMap(({ facts }) => facts),
    confirm: readings.flatMap((one) => one.confirmLeg ?? one.confirmBridge ?? []),
  };
}
const kinds = (...events: AriEvent[]) =>
  read(...events).facts.map((fact) => ('cause' in fact ? `${fact.kind} ${fact.cause}` : fact.kind));

describe('translate', () => {
  it.each([
    ['Local/5000@in-0;1', false],
    ['Local/_attended@transfer-0;1', true],
  ])('%s in the place of another is no caller, and its end is told', (name, attended) => {
    const by: AriEvent = {
      ...base,
      type: 'StasisStart',
      args: [],
      channel: { ...channel('l', 'Down'), name },
      replace_channel: channel('a', 'Up'),
    };
    expect(read(agent, by, state('l', 'Up'), hangup('l', 16), end('l')).facts.slice(1)).toEqual([
      { kind: 'legReplaced', legId: 'a', byLegId: 'l', attended },
      { kind: 'legEnded', legId: 'l', cause: 16 },
    ]);
  });

  it('tells who arrived, without what could confuse a screen', () => {
    expect(read(caller).facts).toEqual([
      {
        kind: 'legArrived',
        legId: 'c',
        callerNumber: '138',
        callerName: 'Li Na',
        dialledNumber: '4001',
        args: ['vip', 'x'],
        answered: false,
        language: 'zh',
      },
    ]);
  });

  it.each<[string, AriEvent[], string[]]>([
    [
      'a dialled leg rings and answers, each once',
      [agent, state('a', 'Ringing'), state('a', 'Up'), state('a', 'Up')],
      ['legEntered', 'legRinging', 'legAnswered'],
    ],
    ['a caller that is answered', [caller, state('c', 'Up')], ['legArrived', 'legAnswered']],
    ['a caller does not ring', [caller, state('c', 'Ringing')], ['legArrived']],
    ['a caller that came answered', [start('c', [], 'Up'), state('c', 'Up')], ['legArrived']],
    ['a leg that entered answered', [start('a', ['ringmaster-dialled'], 'Up')], ['legEntered', 'legAnswered']],
    [
      'a caller hangs up: StasisEnd is all that comes',
      [caller, hangup('c', 16), end('c')],
      ['legArrived', 'legEnded 16'],
    ],
    [
      'a caller hangs up and ChannelDestroyed does come',
      [caller, hangup('c', 16), end('c'), destroyed('c', 16)],
      ['legArrived', 'legEnded 16'],
    ],
    ['a command ended it: 32 is no Q.850 cause', [caller, hangup('c', 32), end('c')], ['legArrived', 'legEnded 16']],
    ['an agent is busy', [agent, hangup('a', 17), end('a'), destroyed('a', 17)], ['legEntered', 'legEnded 17']],
    ['an agent rings out', [agent, hangup('a', 32), end('a'), destroyed('a', 19)], ['legEntered', 'legEnded 19']],
    [
      'the hangup request knew better',
      [agent, hangup('a', 20), end('a'), destroyed('a', 16)],
      ['legEntered', 'legEnded 20'],
    ],
    ['only the dial knew', [agent, dialled('a', 'BUSY'), destroyed('a', 0)], ['legEntered', 'legEnded 17']],
    ['a cause out of range', [agent, destroyed('a', 9999)], ['legEntered', 'legEnded 16']],
    ['legs of others', [state('z', 'Up'), hangup('z', 16), end('z'), destroyed('z', 16), dialled('z', 'BUSY')], []],
  ])('%s', (_name, events, expected) => {
    expect(kinds(...events)).toEqual(expected);
  });

  it('asks when a leg left and nobody said why', () => {
    expect(read(caller, end('c'))).toMatchObject({ confirm: ['c'], facts: [{ kind: 'legArrived' }] });
    expect(read(agent, hangup('a', 16), end('a')).confirm).toEqual(['a']);
  });

  it('needs not ask when we sent it on, unless it hung up meanwhile', () => {
    const sentOn = (...events: AriEvent[]) => {
      const { legs } = read(caller);
      legs.setLeaving('c', true);
      return events.flatMap((event) => translate(event, legs).facts);
    };
    expect(sentOn(end('c'))).toEqual([{ kind: 'legLeft', legId: 'c' }]);
    expect(sentOn(hangup('c', 16), end('c'))).toEqual([{ kind: 'legEnded', legId: 'c', cause: 16 }]);
  });

  it('passes keys, hold and playbacks on, and asks about bridges', () => {
    const media = { id: 'p', media_uri: 'm', target_uri: 't', language: 'en' };
    const bridge = {
      id: 'b',
      technology: '',
      bridge_type: '',
      bridge_class: '',
      creator: '',
      name: '',
      channels: [],
    };
    const { facts, confirm } = read(
      caller,
      { ...base, type: 'ChannelDtmfReceived', digit: '5', duration_ms: 9, channel: channel('c') },
      { ...base, type: 'ChannelHold', channel: channel('c') },
      { ...base, type: 'ChannelUnhold', channel: channel('c') },
      { ...base, type: 'PlaybackFinished', playback: { ...media, state: 'done' } },
      { ...base, type: 'PlaybackFinished', playback: { ...media, state: 'failed' } },
      { ...base, type: 'BridgeDestroyed', bridge },
    );
    expect(confirm).toEqual(['b']);
    expect(facts.slice(1)).toEqual([
      { kind: 'keyPressed', legId: 'c', key: '5' },
      { kind: 'legHeld', legId: 'c' },
      { kind: 'legUnheld', legId: 'c' },
      { kind: 'playbackEnded', playbackId: 'p', failed: false },
      { kind: 'playbackEnded', playbackId: 'p', failed: true },
    ]);
  });
});

describe('LegBook', () => {
  it('forgets the oldest over its limit', () => {
    const legs = new LegBook(2);
    for (const id of ['a', 'b', 'c']) legs.add(id, { dialled: false, entered: true, answered: false });
    expect([legs.size, legs.has('a'), legs.has('c')]).toEqual([2, false, true]);
  });
});
