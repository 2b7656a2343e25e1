import { beforeEach, describe, expect, it } from 'vitest';
import { AriError, ariErrors, createAriPbx } from '../../src/ari/index.ts';
import { ARI_PBX_OPTIONS } from '../../src/ari/pbx.ts';
import type { AriLink, AriLinkChange, AriMessage, AriResponse } from '../../src/ari/ports.ts';
import type { PbxPort } from '../../src/bridge/ports.ts';
import type { CommandResult, LegSnapshot, PbxCommand } from '../../src/call/index.ts';
import { halfRng, ManualClock, settled, silentLog } from './support.ts';

type Params = Readonly<Record<string, unknown>>;
const done = (body?: unknown): AriResponse<unknown> => ({ ok: true, status: 200, body });
const refused = (pbxStatus: number): AriResponse<unknown> => ({
  ok: false,
  error: new AriError(ariErrors.refused, undefined, { pbxStatus }),
});

/** A link that answers when the test says so, or by itself from `answers`. */
class FakeLink {
  readonly nodeId = 'n1';
  readonly app = 'ring';
  ordered = true;
  readonly asked: string[] = [];
  readonly waiting = new Map<string, (answer: AriResponse<unknown>) => void>();
  /** Operation to answer; what is not here waits. */
  answers: Record<string, (params: Params) => AriResponse<unknown>> = {};
  event: (message: AriMessage) => void = () => {};
  change: (change: AriLinkChange) => void = () => {};
  onEvent(listener: (message: AriMessage) => void): void {
    this.event = listener;
  }
  onLink(listener: (change: AriLinkChange) => void): void {
    this.change = listener;
  }
  start(): void {}
  stop(): Promise<void> {
    return Promise.resolve();
  }
  request(operation: string, params: Params): Promise<AriResponse<unknown>> {
    this.asked.push(operation);
    const answer = this.answers[operation];
    if (answer) return Promise.resolve(answer(params));
    return new Promise((resolve) => this.waiting.set(operation, resolve));
  }
}

const channel = (id: string, state = 'Up', appData = 'ring') => ({
  id,
  name: id,
  state,
  caller: { name: '', number: '138' },
  connected: { name: '', number: '' },
  accountcode: '',
  dialplan: { context: 'c', exten: '4001', priority: 1, app_name: 'Stasis', app_data: appData },
  creationtime: '',
  language: '',
});
const event = (type: string, id: string, more: object = {}): AriMessage =>
  ({ known: true, event: { type, application: 'ring', timestamp: '', channel: channel(id), ...more } }) as AriMessage;

describe('call control over ARI', () => {
  let link: FakeLink;
  let clock: ManualClock;
  let pbx: PbxPort;
  /** Everything that the adapter told, in order. */
  let told: string[];
  let bridgesSeen: string[] = [];

  beforeEach(() => {
    link = new FakeLink();
    clock = new ManualClock();
    told = [];
    pbx = createAriPbx(link as unknown as AriLink, { bufferedEventsMax: 3 }, { clock, rng: halfRng, log: silentLog });
    pbx.onFact((fact) => told.push(`${fact.kind} ${'legId' in fact ? fact.legId : ''}`.trim()));
    pbx.onLink(({ state }) => told.push(state));
    pbx.onSnapshot(({ legs, bridges }) => {
      told.push(`snapshot ${legs.map(({ legId }) => legId).join(',')}`.trim());
      bridgesSeen = bridges.map(({ bridgeId }) => bridgeId);
    });
    link.answers = {
      'applications.filter': () => done({}),
      'applications.get': () => done({ channel_ids: ['a', 'ghost', 'sent'], bridge_ids: ['b'] }),
      'channels.list': () =>
        done([channel('a'), channel('ghost'), channel('sent', 'Up', 'other'), channel('not-subscribed')]),
      'bridges.list': () =>
        done([
          { id: 'b', channels: ['a'] },
          { id: 'foreign', channels: ['z'] },
          { id: 'empty', name: 'ring', channels: [] },
          { id: 'empty of others', name: 'other', channels: [] },
        ]),
      'channels.getChannelVar': ({ channelId, variable }) => {
        if (channelId === 'ghost') return refused(404);
        return variable === 'CHANNEL(state)' ? done({ value: 'Up' }) : refused(404);
      },
    };
  });

  const up = (): void => link.change({ state: 'up', atMs: 0, transport: 'websocket', version: '22', startedAt: 't' });
  const down = (): void => link.change({ state: 'down', atMs: 0, code: 'ari.link_lost' });
  const dial: PbxCommand = {
    kind: 'dial',
    legId: 'new',
    endpoint: 'PJSIP/1001',
    originatorLegId: 'a',
    callerNumber: '',
    callerName: '',
    timeoutMs: 1_000,
    variables: {},
  };
  /** The result of a command as far as it is there. */
  function outcome(command: PbxCommand): { now?: CommandResult } {
    const box: { now?: CommandResult } = {};
    void pbx.send('call', command).then((result) => {
      box.now = result;
    });
    return box;
  }

  describe('a call that the dialplan offers or limits', () => {
    const asked: [string, Params][] = [];
    beforeEach(async () => {
      asked.length = 0;
      up();
      await settled();
      link.answers['events.claimChannel'] = (params) => {
        asked.push(['claim', params]);
        return refused(409);
      };
      link.answers['channels.setChannelVar'] = (params) => {
        asked.push(['set', params]);
        return done();
      };
    });

    it('is claimed when it is wanted, and losing it is no failure', async () => {
      link.event(event('CallBroadcast', 'x'));
      expect(asked).toEqual([]);
      pbx.onBroadcast(({ nodeId, dialledNumber }) => nodeId === 'n1' && dialledNumber === '4001');
      link.event(event('CallBroadcast', 'x'));
      await settled();
      expect(asked).toEqual([['claim', { channelId: 'x', application: 'ring' }]]);
      expect(told).toEqual(['up', 'snapshot a']);
    });

    it('loses its limit when it is there, and only where one was said to be', () => {
      link.event(event('StasisStart', 'free', { args: ['4001'] }));
      expect(asked).toEqual([]);
      link.event(event('StasisStart', 'limited', { args: ['4001', 'bounded'] }));
      expect(asked).toEqual([['set', { channelId: 'limited', variable: 'TIMEOUT(absolute)', value: '0' }]]);
      expect(told.at(-1)).toBe('legArrived limited');
    });
  });

  describe('after a connect', () => {
    it('gives the snapshot first, without ghosts and strangers, then what came meanwhile', async () => {
      link.event(event('StasisStart', 'early', { args: [] }));
      up();
      link.event(event('ChannelStateChange', 'early'));
      await settled();
      expect(told).toEqual(['up', 'snapshot a', 'legArrived early']);
      link.event(event('ChannelDestroyed', 'a', { cause: 16, cause_txt: '' }));
      expect(told.at(-1)).toBe('legEnded a');
    });

    it('announces a caller that came meanwhile once, with its arguments', async () => {
      link.event(event('StasisStart', 'a', { args: ['vip'] }));
      up();
      await settled();
      expect(told).toEqual(['up', 'snapshot', 'legArrived a']);
    });

    it('does it again after each loss, and forgets what the gap has made worthless', async () => {
      up();
      await settled();
      down();
      link.event(event('StasisStart', 'late', { args: [] }));
      down();
      up();
      await settled();
      expect(told).toEqual(['up', 'snapshot a', 'down', 'down', 'up', 'snapshot a']);
    });

    it('tries again until the state can be read', async () => {
      const { 'channels.list': good } = link.answers;
      link.answers['channels.list'] = () => ({ ok: false, error: new AriError(ariErrors.timeout) });
      up();
      await settled();
      expect(told).toEqual([]);
      if (good) link.answers['channels.list'] = good;
      clock.advance(200);
      await settled();
      expect(told).toEqual(['up', 'snapshot a']);
    });

    it('reads it anew when more came meanwhile than it can keep', async () => {
      up();
      for (let count = 0; count < 4; count += 1) link.event(event('StasisStart', `many${count}`, { args: [] }));
      await settled();
      expect(told).toEqual([]);
      clock.advance(200);
      await settled();
      expect(told).toEqual(['up', 'snapshot a']);
    });

    it('drops a reading that a loss has overtaken', async () => {
      delete link.answers['bridges.list'];
      up();
      await settled();
      down();
      link.waiting.get('bridges.list')?.(done([]));
      await settled();
      expect(told).toEqual(['down']);
    });
  });

  describe('dialling', () => {
    beforeEach(async () => {
      up();
      await settled();
      told.length = 0;
      link.asked.length = 0;
      link.answers['channels.originateWithId'] = () => done(channel('new'));
    });

    it('is one request, and the leg enters when it is answered', async () => {
      const result = outcome(dial);
      await settled();
      expect([link.asked, result.now]).toEqual([['channels.originateWithId'], { ok: true }]);
      link.event(event('ChannelStateChange', 'new', { channel: { ...channel('new'), state: 'Ringing' } }));
      link.event(event('ChannelStateChange', 'new', { channel: { ...channel('new'), state: 'Up' } }));
      expect(told).toEqual(['legRinging new']);
      const answered = { ...channel('new'), state: 'Up' };
      link.event(event('StasisStart', 'new', { args: ['ringmaster-dialled'], channel: answered }));
      expect(told).toEqual(['legRinging new', 'legEntered new', 'legAnswered new']);
    });

    it('does not mind news of the leg before the answer', async () => {
      delete link.answers['channels.originateWithId'];
      const result = outcome(dial);
      link.event(event('ChannelStateChange', 'new', { channel: { ...channel('new'), state: 'Ringing' } }));
      link.waiting.get('channels.originateWithId')?.(done(channel('new')));
      await settled();
      expect([result.now, told]).toEqual([{ ok: true }, ['legRinging new']]);
    });

    it('tells that the leg ended before it was answered', async () => {
      outcome(dial);
      await settled();
      link.event(event('ChannelDestroyed', 'new', { cause: 20, cause_txt: '' }));
      expect(told).toEqual(['legEnded new']);
    });

    it('tells that the PBX would not make it, and knows no such leg', async () => {
      link.answers['channels.originateWithId'] = () => refused(500);
      const result = outcome(dial);
      await settled();
      expect(result.now).toEqual({ ok: false, failure: 'refused' });
      link.event(event('ChannelDestroyed', 'new', { cause: 16, cause_txt: '' }));
      expect(told).toEqual([]);
    });

    it('goes on listening to a leg of which no answer came', async () => {
      link.answers['channels.originateWithId'] = () => ({ ok: false, error: new AriError(ariErrors.timeout) });
      const result = outcome(dial);
      await settled();
      expect(result.now).toEqual({ ok: false, failure: 'timeout' });
      link.event(event('ChannelDestroyed', 'new', { cause: 16, cause_txt: '' }));
      expect(told).toEqual(['legEnded new']);
    });
  });

  describe('a leg that left', () => {
    beforeEach(async () => {
      up();
      await settled();
      told.length = 0;
    });

    it('is asked about after a while, and lives on', async () => {
      link.event(event('StasisEnd', 'a'));
      clock.advance(299);
      await settled();
      expect(told).toEqual([]);
      clock.advance(1);
      await settled();
      expect(told).toEqual(['legLeft a']);
    });

    it('is asked about, and is dead', async () => {
      link.answers['channels.getChannelVar'] = () => refused(404);
      link.event(event('StasisEnd', 'a'));
      clock.advance(300);
      await settled();
      expect(told).toEqual(['legEnded a']);
    });

    it('is not told of by an answer from before a loss', async () => {
      link.answers['channels.getChannelVar'] = () => {
        down();
        return refused(404);
      };
      link.event(event('StasisEnd', 'a'));
      clock.advance(300);
      await settled();
      expect(told).toEqual(['down']);
    });

    it('is not asked about when its end came meanwhile', async () => {
      link.asked.length = 0;
      link.event(event('StasisEnd', 'a'));
      link.event(event('ChannelDestroyed', 'a', { cause: 16, cause_txt: '' }));
      clock.advance(300);
      await settled();
      expect([told, link.asked]).toEqual([['legEnded a'], []]);
    });

    it('and comes back before it was asked about is another caller, of whom the question says nothing', async () => {
      link.event(event('StasisEnd', 'a'));
      link.event(event('StasisStart', 'a', { args: ['4002'] }));
      expect(told).toEqual(['legLeft a', 'legArrived a']);
      clock.advance(300);
      await settled();
      link.event(event('ChannelDestroyed', 'a', { cause: 16, cause_txt: '' }));
      expect(told).toEqual(['legLeft a', 'legArrived a', 'legEnded a']);
    });

    it('and comes back while it is asked about stays', async () => {
      link.answers['channels.getChannelVar'] = () => {
        link.event(event('StasisStart', 'a', { args: [] }));
        return done({ value: 'Up' });
      };
      link.event(event('StasisEnd', 'a'));
      clock.advance(300);
      await settled();
      expect(told).toEqual(['legLeft a', 'legArrived a']);
    });

    it('counts as gone elsewhere when the PBX does not say, after three times', async () => {
      link.answers['channels.getChannelVar'] = () => ({ ok: false, error: new AriError(ariErrors.timeout) });
      link.asked.length = 0;
      link.event(event('StasisEnd', 'a'));
      for (let count = 0; count < 5; count += 1) {
        clock.advance(300);
        await settled();
      }
      expect([told, link.asked.length]).toEqual([['legLeft a'], 3]);
    });
  });

  describe('a caller who came while nobody listened', () => {
    const seen: LegSnapshot[] = [];
    const found = async (channel: object): Promise<unknown> => {
      seen.length = 0;
      pbx.onSnapshot(({ legs }) => seen.push(...legs));
      link.answers['channels.list'] = () => done([channel]);
      link.answers['channels.setChannelVar'] = ({ variable }) => {
        told.push(`set ${String(variable)}`);
        return done();
      };
      up();
      await settled();
      return seen.map(({ legId, args, language }) => ({ legId, args, language }));
    };

    it('is told with what the dialplan said, and its limit is lifted', async () => {
      const caller = { ...channel('a', 'Ring', 'ring,hotline,bounded'), language: 'zh' };
      expect(await found(caller)).toEqual([{ legId: 'a', args: ['hotline', 'bounded'], language: 'zh' }]);
      expect(told).toContain('set TIMEOUT(absolute)');
    });

    it('is ours when we have claimed it', async () => {
      const claimed = channel('a');
      const dialplan = { ...claimed.dialplan, app_name: 'StasisBroadcast', app_data: '800,^ring$,4001' };
      expect(await found({ ...claimed, dialplan })).toEqual([{ legId: 'a', args: ['4001'], language: undefined }]);
    });

    it('has no limit to be lifted when it was taken before', async () => {
      link.answers['channels.getChannelVar'] = () => done({ value: 'x' });
      await found(channel('a', 'Up', 'ring,hotline,bounded'));
      expect(told).not.toContain('set TIMEOUT(absolute)');
    });
  });

  it('counts bridges as ours that our legs are in, or that bear our name though nobody was joined in them', async () => {
    up();
    await settled();
    expect(bridgesSeen).toEqual(['b', 'empty']);
  });

  describe('the end of a bridge', () => {
    const destroyed = event('BridgeDestroyed', 'x', { bridge: { id: 'b', channels: [] } });
    beforeEach(async () => {
      up();
      await settled();
      told.length = 0;
    });

    it('is told when there is none of that name', async () => {
      link.answers['bridges.get'] = () => refused(404);
      link.event(destroyed);
      await settled();
      expect(told).toEqual(['bridgeEnded']);
    });

    it.each([
      ['there is a new one', () => done({ id: 'b' })],
      ['the PBX does not say', () => refused(500)],
    ])('is not told when %s', async (_name, answer) => {
      link.answers['bridges.get'] = answer;
      link.event(destroyed);
      await settled();
      expect(told).toEqual([]);
    });
  });

  describe('commands', () => {
    const answer: PbxCommand = { kind: 'answer', legId: 'a' };
    const ring: PbxCommand = { kind: 'ring', legId: 'a' };

    it('go out at once where the transport keeps their order', () => {
      outcome(answer);
      outcome({ kind: 'stopMusic', legId: 'a' });
      expect(link.asked).toEqual(['channels.answer', 'channels.stopMoh']);
    });

    const mark: PbxCommand = { kind: 'setVariables', legId: 'a', variables: { RINGMASTER_CALL: '1' } };

    it('that ring a phone go ahead of what the caller is given in the same turn, and nothing is left out', async () => {
      link.asked.length = 0;
      outcome(ring);
      outcome(mark);
      outcome(dial);
      outcome({ kind: 'createBridge', bridgeId: 'b2' });
      await settled();
      expect(link.asked).toEqual([
        'channels.originateWithId',
        'bridges.createWithId',
        'channels.ring',
        'channels.setChannelVar',
      ]);
    });

    it('that take the caller elsewhere wait for what was asked before them', async () => {
      link.asked.length = 0;
      outcome(mark);
      outcome({ kind: 'leave', legId: 'a', context: 'c', extension: 's', priority: 1 });
      await settled();
      expect(link.asked).toEqual(['channels.setChannelVar', 'channels.continueInDialplan']);
    });

    it('of one call never wait for those of another', async () => {
      link.asked.length = 0;
      outcome(ring);
      void pbx.send('other', { kind: 'stopMusic', legId: 'z' });
      expect(link.asked).toEqual(['channels.stopMoh']);
      await settled();
      expect(link.asked).toEqual(['channels.stopMoh', 'channels.ring']);
    });

    it('of one call wait for one another where it does not; those of another do not', async () => {
      link.ordered = false;
      const first = outcome(answer);
      const second = outcome(ring);
      void pbx.send('other', { kind: 'stopMusic', legId: 'z' });
      await settled();
      expect(link.asked).toEqual(['channels.answer', 'channels.stopMoh']);
      link.waiting.get('channels.answer')?.(refused(409));
      await settled();
      expect(link.asked.at(-1)).toBe('channels.ring');
      expect([first.now, second.now]).toEqual([{ ok: false, failure: 'gone' }, undefined]);
    });

    it('of one call are limited in number while they wait', async () => {
      link.ordered = false;
      const outcomes = Array.from({ length: 65 }, () => outcome(answer));
      await settled();
      expect(outcomes.at(-1)?.now).toEqual({ ok: false, failure: 'unavailable' });
      expect(outcomes.at(-2)?.now).toBeUndefined();
    });

    it('that are not allowed reach nobody', async () => {
      const result = outcome({ ...dial, endpoint: 'PJSIP/1&PJSIP/2' });
      await settled();
      expect([result.now, link.asked]).toEqual([{ ok: false, failure: 'refused' }, []]);
    });

    it('stop at the first variable that fails when they take turns', async () => {
      link.ordered = false;
      link.answers['channels.setChannelVar'] = () => refused(404);
      const result = outcome({ kind: 'setVariables', legId: 'a', variables: { A: '1', B: '2' } });
      await settled();
      expect([result.now, link.asked]).toEqual([{ ok: false, failure: 'gone' }, ['channels.setChannelVar']]);
    });

    it('that come before a recording runs are asked again, and what was wished after them waits', async () => {
      link.answers['recordings.mute'] = () => refused(409);
      link.answers['recordings.unmute'] = () => done();
      const first = outcome({ kind: 'muteRecording', recordingId: 'r' });
      const second = outcome({ kind: 'unmuteRecording', recordingId: 'r' });
      await settled();
      expect([link.asked, first.now]).toEqual([['recordings.mute'], undefined]);
      link.answers['recordings.mute'] = () => done();
      clock.advance(20);
      await settled();
      expect(link.asked).toEqual(['recordings.mute', 'recordings.mute', 'recordings.unmute']);
      expect([first.now, second.now]).toEqual([{ ok: true }, { ok: true }]);
    });

    it('for a recording that never runs fail when a request would have had to be answered', async () => {
      link.answers['recordings.mute'] = () => refused(409);
      const result = outcome({ kind: 'muteRecording', recordingId: 'r' });
      for (let passedMs = 0; passedMs < ARI_PBX_OPTIONS.requestDeadlineMs; passedMs += 20) {
        await settled();
        expect(result.now).toBeUndefined();
        clock.advance(20);
      }
      await settled();
      expect(result.now).toEqual({ ok: false, failure: 'gone' });
    });
  });
});
