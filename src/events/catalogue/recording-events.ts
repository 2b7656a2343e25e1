import { Type } from '../../schema/index.ts';
import { event, text } from './spec.ts';
import { CallView, DurationMs, RecordingView, TimeMs } from './views.ts';

const ToldRecording = Type.Object({
  call: CallView,
  recordingId: text(),
  byRule: Type.Boolean({ description: 'A rule asked for it, not a person' }),
  startedAtMs: TimeMs(),
  format: text(),
});

/** Recordings, during a call and after it. */
export const recordingEvents = {
  'call.recording.started.v1': event('The conversation is recorded', '开始录音', ToldRecording),
  'call.recording.paused.v1': event(
    'Silence is recorded instead of what is said',
    '录音暂停（录入静音）',
    Type.Object({ call: CallView, recordingId: text() }),
  ),
  'call.recording.resumed.v1': event(
    'What is said is recorded again',
    '录音恢复',
    Type.Object({ call: CallView, recordingId: text(), pausedMs: DurationMs() }),
  ),
  'call.recording.pause.overdue.v1': event(
    'A recording is paused for longer than it should be; told again as long as it lasts',
    '录音暂停超时提醒',
    Type.Object({ call: CallView, recordingId: text(), pausedMs: DurationMs() }),
  ),
  'call.recording.stopped.v1': event(
    'The recording is over; recording.ready tells when it can be fetched',
    '录音结束',
    ToldRecording,
  ),
  'call.recording.failed.v1': event(
    'The recording failed; the call goes on without',
    '录音失败，通话继续',
    Type.Object({
      ...ToldRecording.properties,
      reason: Type.Enum(['gone', 'refused', 'timeout', 'unavailable', 'pbx']),
    }),
  ),
  'recording.ready.v1': event('A recording can be fetched', '录音可下载', Type.Object({ recording: RecordingView })),
  'recording.lost.v1': event(
    'What was recorded could not be read at the PBX',
    '录音文件无法读取',
    Type.Object({ recording: RecordingView, code: text() }),
  ),
  'recording.deleted.v1': event(
    'A recording was deleted because its time was over',
    '录音到期删除',
    Type.Object({ recording: RecordingView }),
  ),
} as const;
