import { bridgeIdOf, type Call, noticeIdOf, recordingIdOf } from './call.ts';
import type { PbxCommand } from './commands.ts';
import type { Draft } from './draft.ts';
import type { CommandFailure } from './facts.ts';
import { type Recording, type RecordingAction, type RecordingCare, ruleAsks } from './recording-care.ts';

/** The call's talk begins, or goes on in another queue: recorded if the rule says so. */
export function recordByRule(draft: Draft): void {
  const { call } = draft;
  const care = careOf(draft);
  if (call.recording || !care || !ruleAsks(care.rule, call.id)) return;
  if (care.announcement.length === 0) return begin(draft, care, true);
  const number = (call.recordings ?? 0) + 1;
  const { announcement: media } = care;
  draft.pbx({ kind: 'playToBridge', bridgeId: bridgeIdOf(call.id), playbackId: noticeIdOf(call.id, number), media });
  draft.ask({ kind: 'startTimer', timer: 'announcement', afterMs: care.announcementMaxMs });
  const id = recordingIdOf(call.id, number);
  draft.change({
    recordings: number,
    recording: { id, stage: 'announcing', byRule: true, startedAtMs: draft.atMs },
  });
}

export function recordingAction(draft: Draft, action: RecordingAction): void {
  const { recording, talk, phase } = draft.call;
  if (!talk || (phase !== 'talking' && phase !== 'held')) return;
  switch (action) {
    case 'start': {
      const care = careOf(draft);
      if (!recording && care && care.rule.kind !== 'never') begin(draft, care, false);
      return;
    }
    case 'pause':
      if (recording?.stage === 'on') pause(draft, recording);
      return;
    case 'resume':
      if (recording?.stage === 'paused') resume(draft, recording);
      return;
    case 'stop':
      return stopRecording(draft);
  }
}

/** The announcement was heard, failed, or its end was never told. */
export function announcementOver(draft: Draft): void {
  const { recording } = draft.call;
  const care = careOf(draft);
  if (recording?.stage !== 'announcing') return;
  draft.ask({ kind: 'stopTimer', timer: 'announcement' });
  if (!care) return draft.change({ recording: undefined });
  draft.change({ recording: undefined, recordings: (draft.call.recordings ?? 1) - 1 });
  begin(draft, care, true);
}

/** The conversation is over, or somebody wishes it: what was recorded is kept. */
export function stopRecording(draft: Draft): void {
  const { call } = draft;
  const { recording } = call;
  if (!recording) return;
  if (recording.stage === 'announcing') {
    draft.pbx({ kind: 'stopPlayback', playbackId: noticeIdOf(call.id, call.recordings ?? 1) });
    draft.ask({ kind: 'stopTimer', timer: 'announcement' });
    return draft.change({ recording: undefined });
  }
  draft.pbx({ kind: 'stopRecording', recordingId: recording.id });
  recordingOver(draft, recording);
}

/** The PBX has ended it by itself: it was too long, or could not go on. */
export function recordingEnded(draft: Draft, recordingId: string, failed: boolean): void {
  const { recording } = draft.call;
  if (recording?.id !== recordingId) return;
  if (failed) return recordingFailed(draft, recording, 'pbx');
  recordingOver(draft, recording);
}

/**
 * The PBX did not do what a recording needs; the call goes on without. A recording that cannot be silenced is ended:
 * rather none than one with a card number.
 */
export function recordingCommandFailed(
  draft: Draft,
  command: Extract<PbxCommand, { recordingId: string }>,
  failure: CommandFailure,
): void {
  const { recording } = draft.call;
  if (command.kind === 'stopRecording' || recording?.id !== command.recordingId) return;
  if (command.kind !== 'record') draft.pbx({ kind: 'stopRecording', recordingId: recording.id });
  recordingFailed(draft, recording, failure);
}

/** Tells again and again that the pause lasts: somebody forgot to end it. */
export function pauseOverdue(draft: Draft): void {
  const { recording } = draft.call;
  if (recording?.stage !== 'paused') return;
  watchPause(draft);
  const pausedMs = pausedMsOf(draft, recording);
  draft.tell({ type: 'call.recording.pause.overdue.v1', recordingId: recording.id, pausedMs });
}

/** After a restart no timer runs, and the end of the announcement may have been missed. */
export function recordingRecovered(draft: Draft): void {
  const { recording } = draft.call;
  if (recording?.stage === 'announcing') announcementOver(draft);
  if (recording?.stage === 'paused') watchPause(draft);
}

function begin(draft: Draft, care: RecordingCare, byRule: boolean): void {
  const { call, atMs } = draft;
  const number = (call.recordings ?? 0) + 1;
  const id = recordingIdOf(call.id, number);
  const { format, lengthMaxMs } = care;
  draft.pbx({ kind: 'record', bridgeId: bridgeIdOf(call.id), recordingId: id, format, lengthMaxMs });
  draft.change({ recordings: number, recording: { id, stage: 'on', byRule, startedAtMs: atMs } });
  draft.tell({ type: 'call.recording.started.v1', recordingId: id, byRule, startedAtMs: atMs, format });
}

function pause(draft: Draft, recording: Recording): void {
  draft.pbx({ kind: 'muteRecording', recordingId: recording.id });
  draft.change({ recording: { ...recording, stage: 'paused', pausedAtMs: draft.atMs } });
  watchPause(draft);
  draft.tell({ type: 'call.recording.paused.v1', recordingId: recording.id });
}

function resume(draft: Draft, recording: Recording): void {
  draft.pbx({ kind: 'unmuteRecording', recordingId: recording.id });
  draft.ask({ kind: 'stopTimer', timer: 'recordingPause' });
  const pausedMs = pausedMsOf(draft, recording);
  draft.change({ recording: { ...recording, stage: 'on', pausedAtMs: undefined } });
  draft.tell({ type: 'call.recording.resumed.v1', recordingId: recording.id, pausedMs });
}

function recordingOver(draft: Draft, { id, stage, byRule, startedAtMs }: Recording): void {
  if (stage === 'paused') draft.ask({ kind: 'stopTimer', timer: 'recordingPause' });
  draft.change({ recording: undefined });
  const format = careOf(draft)?.format ?? 'wav';
  draft.tell({ type: 'call.recording.stopped.v1', recordingId: id, byRule, startedAtMs, format });
}

function recordingFailed(draft: Draft, recording: Recording, reason: CommandFailure | 'pbx'): void {
  const { id, byRule, startedAtMs, stage } = recording;
  if (stage === 'paused') draft.ask({ kind: 'stopTimer', timer: 'recordingPause' });
  draft.change({ recording: undefined });
  const format = careOf(draft)?.format ?? 'wav';
  draft.tell({ type: 'call.recording.failed.v1', recordingId: id, byRule, startedAtMs, format, reason });
}

const careOf = ({ call, policy }: Draft): RecordingCare | undefined =>
  policy.recording?.(call.queueId ?? policy.entry.queueId);

function watchPause(draft: Draft): void {
  const care = careOf(draft);
  if (care) draft.ask({ kind: 'startTimer', timer: 'recordingPause', afterMs: care.pauseMaxMs });
}

const pausedMsOf = ({ atMs }: Draft, { pausedAtMs }: Recording): number => Math.max(0, atMs - (pausedAtMs ?? atMs));

/** The announcement that is being played, if any. */
export const isNotice = ({ id, recording, recordings }: Call, playbackId: string): boolean =>
  recording?.stage === 'announcing' && playbackId === noticeIdOf(id, recordings ?? 1);
