import { describe, expect, it } from 'vitest';
import { type CallInput, type CallStep, type RecordingAction, reduceCall } from '../../src/call/index.ts';
import { ruleAsks } from '../../src/call/recording-care.ts';
import {
  action,
  agentLeg,
  asked,
  bridge,
  callerLeg,
  callId,
  callIn,
  consult,
  ended,
  fact,
  failed,
  joined,
  type Place,
  partyAnswers,
  recordedBy,
  run,
  t0,
  told,
} from './fixtures.ts';

const first = `${callId}.recording1`;
const always = recordedBy({ kind: 'always' });
const onDemand = recordedBy({ kind: 'onDemand' });
const record = (name: RecordingAction, atMs = t0): CallInput => ({ kind: 'record', action: name, atMs });
const timer = (name: 'announcement' | 'recordingPause', atMs = t0): CallInput => ({
  kind: 'timerFired',
  timer: name,
  atMs,
});
const noticeEnds = fact({ kind: 'playbackEnded', playbackId: `${callId}.notice1`, failed: false });
const told1 = (step: CallStep) => step.events.map(({ event }) => event);
const talkingRecorded = run(callIn('answered'), [joined()], always).call;

describe('a rule', () => {
  it.each([
    [{ kind: 'always' } as const, true],
    [{ kind: 'share', percent: 100 } as const, true],
    [{ kind: 'share', percent: 0 } as const, false],
    [{ kind: 'onDemand' } as const, false],
    [{ kind: 'never' } as const, false],
  ])('%o', (rule, isRecorded) => {
    const step = run(callIn('answered'), [joined()], recordedBy(rule));
    expect(asked(step).includes(`record ${first}`)).toBe(isRecorded);
    expect(told(step)).toEqual(isRecorded ? ['connected', 'recording.started'] : ['connected']);
  });

  it('chooses its share evenly, and the same calls each time', () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => `rm-019a2f9-${index.toString(16).padStart(6, '0')}`);
    const chosen = ids.filter((id) => ruleAsks({ kind: 'share', percent: 12.5 }, id));
    expect(chosen.length / ids.length).toBeGreaterThan(0.115);
    expect(chosen.length / ids.length).toBeLessThan(0.135);
    expect(chosen.every((id) => ruleAsks({ kind: 'share', percent: 20 }, id))).toBe(true);
  });

  it('without recording in the config nothing is different', () => {
    const step = run(callIn('answered'), [joined()]);
    expect(step.call).not.toHaveProperty('recording');
    expect(asked(step)).toEqual([]);
  });
});

describe('an announcement', () => {
  const announced = recordedBy({ kind: 'always' }, ['sound:notice']);
  const step = run(callIn('answered'), [joined()], announced);

  it('is heard by both before the recording', () => {
    expect(asked(step)).toEqual(['playToBridge', 'startTimer']);
    expect(step.call.recording?.stage).toBe('announcing');
  });

  it.each([
    ['heard', noticeEnds],
    ['too long', timer('announcement')],
    [
      'refused',
      failed(
        { kind: 'playToBridge', bridgeId: bridge, playbackId: `${callId}.notice1`, media: ['sound:notice'] },
        'refused',
      ),
    ],
  ])('%s: it is recorded, once', (_name, input) => {
    const after = run(step.call, [input, input, noticeEnds], announced);
    expect(asked(after)).toEqual(['stopTimer', `record ${first}`]);
    expect(told(after)).toEqual(['recording.started']);
  });

  it.each(['start', 'pause', 'resume'] as const)('%s has to wait for its end', (name) => {
    expect(reduceCall(step.call, record(name), announced)).toMatchObject({ effects: [], events: [] });
  });

  it('is cut when the caller hangs up, and nothing was recorded', () => {
    const after = run(step.call, [ended(callerLeg)], announced);
    expect(asked(after).slice(0, 2)).toEqual(['stopPlayback', 'stopTimer']);
    expect(told(after)).toEqual(['wrapup.started']);
  });

  it('is not played before a recording that a person asks for', () => {
    const asks = recordedBy({ kind: 'onDemand' }, ['sound:notice']);
    expect(asked(run(callIn('talking'), [record('start')], asks))).toEqual([`record ${first}`]);
  });
});

describe('a person', () => {
  it('starts, pauses, resumes and stops', () => {
    const inputs = [
      record('start'),
      record('pause', t0 + 1000),
      record('resume', t0 + 4000),
      record('stop', t0 + 9000),
    ];
    const step = run(callIn('talking'), inputs, onDemand);
    expect(asked(step)).toEqual([
      `record ${first}`,
      `muteRecording ${first}`,
      'startTimer',
      `unmuteRecording ${first}`,
      'stopTimer',
      `stopRecording ${first}`,
    ]);
    expect(told1(step)).toMatchObject([
      { type: 'call.recording.started.v1', recordingId: first, byRule: false },
      { type: 'call.recording.paused.v1' },
      { type: 'call.recording.resumed.v1', pausedMs: 3000 },
      { type: 'call.recording.stopped.v1', startedAtMs: t0 },
    ]);
    expect(run(step.call, [record('start')], onDemand).call.recording?.id).toBe(`${callId}.recording2`);
  });

  it.each([
    ['start', talkingRecorded, always],
    ['pause', callIn('talking'), onDemand],
    ['resume', talkingRecorded, always],
    ['stop', callIn('talking'), onDemand],
    ['start', callIn('talking'), recordedBy({ kind: 'never' })],
    ['start', callIn('waiting'), onDemand],
    ['start', callIn('outside'), onDemand],
  ] as const)('%s in vain', (name, call, by) => {
    expect(reduceCall(call, record(name), by)).toMatchObject({ effects: [], events: [] });
  });

  it('who forgets a pause is reminded, again and again', () => {
    const inputs = [record('pause'), timer('recordingPause', t0 + 60_000), timer('recordingPause', t0 + 120_000)];
    const step = run(talkingRecorded, inputs, always);
    expect(told1(step).slice(1)).toMatchObject([
      { type: 'call.recording.pause.overdue.v1', pausedMs: 60_000 },
      { type: 'call.recording.pause.overdue.v1', pausedMs: 120_000 },
    ]);
    expect(told(run(step.call, [record('resume'), timer('recordingPause')], always))).toEqual(['recording.resumed']);
  });
});

describe('a recording goes on', () => {
  it('through hold, consultation and attended transfer', () => {
    const inputs: CallInput[] = [
      { kind: 'hold', atMs: t0 },
      { kind: 'resume', atMs: t0 },
      consult(),
      partyAnswers,
      action('complete'),
    ];
    const step = run(talkingRecorded, inputs, always);
    expect(step.call.recording).toEqual(talkingRecorded.recording);
    expect(asked(step).filter((words) => words.includes('recording'))).toEqual([]);
  });

  it('and begins when the queue that takes over wants it', () => {
    const bySales = { ...always, recording: (queueId: string) => careIn(queueId) };
    const careIn = (queueId: string) => {
      const care = always.recording?.(queueId);
      if (!care) throw new Error('no care');
      return queueId === 'service' ? care : { ...care, rule: { kind: 'never' } as const };
    };
    const step = run(callIn('private'), [action('complete')], bySales);
    expect(told(step)).toEqual(['transferred', 'recording.started']);
  });
});

describe('a recording ends before the conversation does', () => {
  const ways: [string, CallInput][] = [
    ['the caller hangs up', ended(callerLeg, 16, t0 + 9000)],
    ['the agent hangs up', ended(agentLeg, 16, t0 + 9000)],
    ['a blind transfer', { kind: 'transfer', target: { kind: 'queue', queueId: 'service' }, atMs: t0 + 9000 }],
    ['a transfer outside', { kind: 'transfer', target: { kind: 'number', number: '1' }, atMs: t0 + 9000 }],
  ];
  it.each(ways)('by %s, and says so before the end', (_name, input) => {
    const step = run(talkingRecorded, [input], always);
    const types = told(step);
    expect(types.filter((type) => type === 'recording.stopped')).toHaveLength(1);
    expect(types.includes('ended') ? types.indexOf('recording.stopped') < types.indexOf('ended') : true).toBe(true);
    expect(step.call.recording).toBeUndefined();
    const words = asked(step);
    expect(words).toContain(`stopRecording ${first}`);
    expect(
      words.includes('destroyBridge') ? words.indexOf(`stopRecording ${first}`) < words.indexOf('destroyBridge') : true,
    ).toBe(true);
  });

  it('by the PBX, because it was too long', () => {
    const over = fact({ kind: 'recordingEnded', recordingId: first, failed: false });
    const step = run(talkingRecorded, [over, over], always);
    expect(told(step)).toEqual(['recording.stopped']);
    expect(asked(step)).toEqual([]);
  });
});

describe('a recording fails and the call goes on', () => {
  const recording = { recordingId: first } as const;
  const start = { kind: 'record', bridgeId: bridge, ...recording, format: 'wav', lengthMaxMs: 1 } as const;
  it.each([
    ['refused at once', failed(start, 'refused'), []],
    ['the PBX gives up', fact({ kind: 'recordingEnded', recordingId: first, failed: true }), []],
    ['cannot be silenced', failed({ kind: 'muteRecording', ...recording }, 'gone'), [`stopRecording ${first}`]],
    ['cannot be heard again', failed({ kind: 'unmuteRecording', ...recording }, 'gone'), [`stopRecording ${first}`]],
  ] as const)('%s', (_name, input, expected) => {
    const step = run(talkingRecorded, [input, input], always);
    expect(told(step)).toEqual(['recording.failed']);
    expect(asked(step)).toEqual(expected);
    expect(step.call).toMatchObject({ phase: 'talking' });
    expect(step.call.recording).toBeUndefined();
  });

  it('a stop that comes too late is no failure', () => {
    const step = run(talkingRecorded, [failed({ kind: 'stopRecording', ...recording }, 'gone')], always);
    expect(step.events).toEqual([]);
  });
});

describe('after a restart', () => {
  it('a pause is watched again', () => {
    const paused = run(talkingRecorded, [record('pause')], always).call;
    expect(asked(run(paused, [{ kind: 'recovered', atMs: t0 }], always))).toEqual(['startTimer']);
  });

  it('an announcement is over', () => {
    const announced = recordedBy({ kind: 'always' }, ['sound:notice']);
    const announcing = run(callIn('answered'), [joined()], announced).call;
    const step = run(announcing, [{ kind: 'recovered', atMs: t0 }], announced);
    expect(asked(step)).toContain(`record ${first}`);
  });
});

it.each<Place>(['talking', 'conference', 'heldByApi'])('the store gives it back as it was, in %s', (place) => {
  const step = run(callIn(place), [record('start'), record('pause')], onDemand);
  expect(JSON.parse(JSON.stringify(step.call))).toEqual(step.call);
});
