import { describe, expect, it } from 'vitest';
import type { Call, CallInput, CallStep, VoicemailPolicy } from '../../src/call/index.ts';
import {
  arrival,
  asked,
  callerLeg,
  callId,
  ended,
  fact,
  failed,
  found,
  policyWith,
  run as runBy,
  t0,
  told,
} from './fixtures.ts';

const box: VoicemailPolicy = {
  id: 'night',
  prompt: ['sound:leave', 'sound:beep'],
  promptMaxMs: 30_000,
  thanks: [],
  format: 'wav',
  lengthMaxMs: 60_000,
  silenceMaxMs: 4_000,
  shortestMs: 2_000,
  callback: 'message',
};
const recordingId = `${callId}.recording1`;
const closed = {
  hours: {
    schedule: {
      id: 'never',
      zone: { name: 'UTC', offsetMs: () => 0 },
      weekly: [[], [], [], [], [], [], []],
      exceptions: new Map(),
      specialDays: new Map(),
      holidayHours: [],
      workdayAs: 0,
    },
    closed: { prompt: [], target: { kind: 'voicemail', boxId: 'night' } },
  },
  greeting: [],
} as const;

const by = (part: Partial<VoicemailPolicy> = {}) => ({
  ...policyWith(closed),
  voicemail: (boxId: string) => (boxId === 'night' ? { ...box, ...part } : undefined),
});
const run = (call: Call, inputs: readonly CallInput[], part: Partial<VoicemailPolicy> = {}): CallStep =>
  runBy(call, inputs, by(part));
const later = (input: CallInput, afterMs: number): CallInput => ({ ...input, atMs: t0 + afterMs });
const prompted = fact({ kind: 'playbackEnded', playbackId: `${callId}.voicemail`, failed: false });
const unheard = fact({ kind: 'playbackEnded', playbackId: `${callId}.voicemail`, failed: true });
const hungUp = (afterMs: number): CallInput => later(ended(callerLeg), afterMs);
const recorded = (afterMs: number, talkedMs?: number, didFail = false): CallInput =>
  later(
    fact({ kind: 'recordingEnded', recordingId, failed: didFail, ...(talkedMs === undefined ? {} : { talkedMs }) }),
    afterMs,
  );
const timeOver = (afterMs: number): CallInput => ({ kind: 'timerFired', timer: 'voicemail', atMs: t0 + afterMs });
const settled: CallInput = { kind: 'callbackSettled', verdict: { ok: true, callbackId: 'job-1' }, atMs: t0 };
const atPrompt = (part: Partial<VoicemailPolicy> = {}): Call => run(arrival(closed).call, [found()], part).call;
const recording = (part: Partial<VoicemailPolicy> = {}): Call => run(atPrompt(part), [prompted], part).call;
const outcome = (step: CallStep) =>
  step.events.flatMap(({ event }) =>
    event.type === 'call.voicemail.ended.v1' ? [`${event.outcome} ${event.lengthMs}`] : [],
  );

describe('a message after hours', () => {
  it('is asked for, recorded and ends with the call', () => {
    const asks = run(arrival(closed).call, [found()]);
    expect(told(asks)).toEqual(['customer.updated', 'overflowed', 'voicemail.started']);
    expect(asks.call).toMatchObject({ phase: 'voicemail', queueId: 'sales', waitedMs: 0 });
    const begins = run(asks.call, [prompted]);
    expect(begins.effects).toMatchObject([
      {
        command: {
          kind: 'recordLeg',
          legId: callerLeg,
          recordingId,
          format: 'wav',
          lengthMaxMs: 60_000,
          silenceMaxMs: 4_000,
        },
      },
      { kind: 'startTimer', afterMs: 62_000 },
    ]);
    const over = run(begins.call, [recorded(9_000, 5_000)]);
    expect(outcome(over)).toEqual(['left 9000']);
    expect(asked(over)).toEqual([`hangup ${callerLeg}`, 'startTimer', 'requestCallback']);
    expect(over.call).toMatchObject({ phase: 'voicemail', voicemail: { stage: 'callback' } });
    const end = run(over.call, [settled]);
    expect(end.call).toMatchObject({
      phase: 'ended',
      endReason: 'voicemail',
      voicemail: { recordingId, outcome: 'left' },
    });
    expect(told(end)).toEqual(['ended']);
  });

  it('thanks who is still there, then hangs up', () => {
    const part = { thanks: ['sound:thanks'], callback: 'never' } as const;
    const thanks = run(recording(part), [recorded(9_000)], part);
    expect(asked(thanks)).toEqual([`play ${callerLeg}`, 'startTimer']);
    const heard = fact({ kind: 'playbackEnded', playbackId: `${callId}.thanks`, failed: false });
    for (const input of [heard, timeOver(60_000)]) {
      const step = run(thanks.call, [input], part);
      expect(asked(step)).toEqual([`hangup ${callerLeg}`, 'stopTimer']);
      expect(step.call.endReason).toBe('voicemail');
    }
  });

  it.each<[string, CallInput[], string, string]>([
    ['during the prompt', [hungUp(3_000)], 'none 0', 'abandoned'],
    ['during the prompt, whose end is told first', [unheard, hungUp(3_000)], 'none 0', 'abandoned'],
    ['at once after the beep', [prompted, hungUp(500), recorded(600)], 'tooShort 500', 'abandoned'],
    ['in the middle', [prompted, hungUp(8_000), recorded(8_100)], 'left 8000', 'voicemail'],
    [
      'in the middle, and the end of the recording is told first',
      [prompted, recorded(8_000, 6_000), hungUp(8_100)],
      'left 8000',
      'voicemail',
    ],
    ['in the middle, and its end is never told', [prompted, hungUp(8_000), timeOver(10_000)], 'left 8000', 'voicemail'],
    ['having said nothing', [prompted, hungUp(8_000), recorded(8_100, 0)], 'tooShort 8000', 'abandoned'],
  ])('hangs up %s', (_name, inputs, what, reason) => {
    const step = run(atPrompt({ callback: 'never' }), inputs, { callback: 'never' });
    expect(outcome(step)).toEqual([what]);
    expect(step.call).toMatchObject({ phase: 'ended', endReason: reason });
    expect(told(step).filter((type) => type.startsWith('recording'))).toEqual(
      what.startsWith('none') ? [] : ['recording.started', 'recording.stopped'],
    );
  });

  it.each<[VoicemailPolicy['callback'], CallInput[], boolean]>([
    ['never', [prompted, hungUp(8_000), recorded(8_100)], false],
    ['message', [prompted, hungUp(8_000), recorded(8_100)], true],
    ['message', [hungUp(8_000)], false],
    ['message', [prompted, recorded(1_000, undefined, true)], true],
    ['always', [hungUp(8_000)], true],
    ['always', [prompted, hungUp(100), recorded(200)], true],
  ])('callback %s', (callback, inputs, wanted) => {
    const step = run(atPrompt({ callback }), inputs, { callback });
    expect(asked(step).includes('requestCallback')).toBe(wanted);
    expect(step.call.phase).toBe(wanted ? 'voicemail' : 'ended');
  });

  it.each<[string, CallInput]>([
    ['it is written down', settled],
    ['it cannot be', { kind: 'callbackSettled', verdict: { ok: false, reason: 'unavailable' }, atMs: t0 }],
    ['nobody says so in time', timeOver(20_000)],
  ])('the call ends when the callback is asked for and %s', (_name, input) => {
    const step = run(run(recording(), [hungUp(8_000), recorded(8_100)]).call, [input]);
    expect(step.call).toMatchObject({ phase: 'ended', endReason: 'voicemail' });
  });
});

describe('unhappy ways', () => {
  it.each<[string, CallInput[]]>([
    ['cannot be played', [unheard, timeOver(300)]],
    ['never ends', [timeOver(30_000)]],
  ])('a prompt that %s: the message begins all the same', (_name, inputs) => {
    expect(run(atPrompt(), inputs).call).toMatchObject({ voicemail: { stage: 'recording' } });
  });

  it('the PBX does not record: told as failed, and the caller is called back', () => {
    const command = {
      kind: 'recordLeg',
      legId: callerLeg,
      recordingId,
      format: 'wav',
      lengthMaxMs: 1,
      silenceMaxMs: 1,
    } as const;
    const step = run(recording(), [failed(command, 'refused')]);
    expect(told(step)).toEqual(['recording.failed', 'voicemail.ended']);
    expect(asked(step)).toContain('requestCallback');
    expect(run(recording(), [failed(command, 'unavailable')]).effects).toEqual([]);
  });

  it('a box that has left the config takes no message: to the fallback', () => {
    const step = runBy(arrival(closed).call, [found()], policyWith(closed));
    expect(asked(step)).toEqual([`leave ${callerLeg}`]);
    expect(step.call).toMatchObject({ phase: 'ended', endReason: 'overflowed' });
  });

  it('the longest message is ended', () => {
    const step = run(recording(), [timeOver(62_000), recorded(62_050)]);
    expect(asked(step).slice(0, 2)).toEqual([`stopRecording ${recordingId}`, 'startTimer']);
    expect(outcome(step)).toEqual(['left 60000']);
  });

  it('from a queue: the music ends first, the wait is what it was', () => {
    const waiting: Call = {
      ...arrival({ greeting: [] }).call,
      phase: 'waiting',
      queueId: 'service',
      queuedAtMs: t0,
      customer: undefined,
    };
    const target = { kind: 'voicemail', boxId: 'night' } as const;
    const step = run(waiting, [{ kind: 'overflowed', target, reason: 'maxWait', atMs: t0 + 60_000 }]);
    expect(asked(step)).toEqual(['leaveQueue', `stopMusic ${callerLeg}`, `play ${callerLeg}`, 'startTimer']);
    expect(step.call).toMatchObject({ phase: 'voicemail', queueId: 'service', waitedMs: 60_000 });
  });

  it('a message that is left is not cut by a shutdown', () => {
    const call = recording();
    expect(run(call, [{ kind: 'draining', atMs: t0 }]).call).toBe(call);
  });
});

describe('killed with kill -9', () => {
  const recovered = (afterMs: number): CallInput => ({ kind: 'recovered', atMs: t0 + afterMs });

  it('in the prompt: it begins anew', () => {
    expect(asked(run(atPrompt(), [recovered(5_000)]))).toEqual(['stopPlayback', `play ${callerLeg}`, 'startTimer']);
  });

  it('in the message: it goes on while it runs, else what was said is kept', () => {
    const step = run(recording(), [recovered(10_000)]);
    expect(step.effects).toMatchObject([
      { kind: 'startTimer', afterMs: 52_000 },
      { command: { kind: 'unmuteRecording', recordingId } },
    ]);
    const runs = run(step.call, [recorded(20_000)]);
    expect(outcome(runs)).toEqual(['left 20000']);
    const isOver = run(step.call, [failed({ kind: 'unmuteRecording', recordingId }, 'gone')]);
    expect(outcome(isOver)).toHaveLength(1);
  });

  it('in the message, and the caller has gone meanwhile: kept', () => {
    expect(outcome(run(recording(), [hungUp(30_000), timeOver(32_000)]))).toEqual(['left 30000']);
  });

  it('while the callback is written down: asked again, which is one callback', () => {
    const call = run(recording(), [hungUp(8_000), recorded(8_100)]).call;
    expect(asked(run(call, [recovered(9_000)]))).toEqual(['startTimer', 'requestCallback']);
  });
});
