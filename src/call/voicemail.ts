import { recordingIdOf } from './call.ts';
import type { Draft } from './draft.ts';
import { end } from './ending.ts';
import type { CommandFailure } from './facts.ts';
import { spokenIn } from './flow-ask.ts';
import {
  messagePromptIdOf,
  thanksIdOf,
  type VoicemailOutcome,
  type VoicemailPolicy,
  type VoicemailState,
} from './voicemail-state.ts';

/** Between the news that the prompt failed and that the caller has gone, if he has. */
const hangupMs = 300;
/** The end of a recording is told at once; a PBX that is away tells it never. */
const closingMaxMs = 2_000;
/** Beyond the length that the PBX keeps to by itself. */
const lengthGraceMs = 2_000;
/** Whoever writes a callback down has answered by then. */
const callbackMaxMs = 10_000;

interface OpenBox {
  readonly state: VoicemailState;
  readonly box: VoicemailPolicy;
}

function openBox({ call, policy }: Draft): OpenBox | undefined {
  const state = call.phase === 'voicemail' ? call.voicemail : undefined;
  const box = state && policy.voicemail?.(state.boxId);
  return box && { state, box };
}

/** The caller is asked for a message. */
export function toVoicemail(draft: Draft, box: VoicemailPolicy): void {
  const { call, policy } = draft;
  const boxId = box.id;
  const wasHearing = call.answered && (call.phase === 'waiting' || call.phase === 'offering');
  draft.enter('voicemail', {
    voicemail: { boxId, stage: 'prompt' },
    queueId: box.queueId ?? call.queueId ?? policy.entry.queueId,
    // The wait is over; what follows is no waiting, but a callback keeps the age.
    waitedMs: draft.waitedMs(),
    queuedAtMs: call.queuedAtMs ?? draft.atMs,
    offers: undefined,
  });
  if (wasHearing) draft.pbx({ kind: 'stopMusic', legId: call.callerLegId });
  if (!call.answered) draft.pbx({ kind: 'answer', legId: call.callerLegId });
  draft.tell({ type: 'call.voicemail.started.v1', box: boxId });
  say(draft, messagePromptIdOf(call.id), box.prompt, box.promptMaxMs);
}

/** The prompt with its beep was heard, failed, or its end was never told: the message begins. */
export function voicemailPlayed(draft: Draft, playbackId: string, failed: boolean): void {
  const open = openBox(draft);
  if (!open) return;
  const { id } = draft.call;
  if (open.state.stage === 'prompt' && playbackId === messagePromptIdOf(id)) {
    // A caller who hangs up ends the prompt first: what is told next is his end, not a message.
    if (failed) return draft.ask({ kind: 'startTimer', timer: 'voicemail', afterMs: hangupMs });
    return record(draft, open);
  }
  if (open.state.stage === 'thanks' && playbackId === thanksIdOf(id)) letGo(draft, open);
}

export function voicemailTimeOver(draft: Draft): void {
  const open = openBox(draft);
  if (!open) return;
  switch (open.state.stage) {
    case 'prompt':
      draft.pbx({ kind: 'stopPlayback', playbackId: messagePromptIdOf(draft.call.id) });
      return record(draft, open);
    case 'recording':
      return close(draft, open);
    case 'closing':
      return conclude(draft, open);
    case 'thanks':
      return letGo(draft, open);
    case 'callback':
      return conclusion(draft, open.state);
  }
}

/** Silence, the end key or the longest message ended it, or the caller did. `talkedMs`: 0 when nobody spoke. */
export function messageEnded(draft: Draft, recordingId: string, failed: boolean, talkedMs: number | undefined): void {
  const open = openBox(draft);
  if (!open || recordingId !== open.state.recordingId) return;
  if (open.state.stage !== 'recording' && open.state.stage !== 'closing') return;
  conclude(draft, open, failed ? 'failed' : talkedMs === 0 ? 'tooShort' : undefined);
}

/** What was said until then is kept. */
export function voicemailCallerGone(draft: Draft): void {
  const open = openBox(draft);
  const state = draft.call.voicemail;
  if (!open || !state) return end(draft, 'abandoned');
  if (state.gone) return;
  const gone = { ...open, state: { ...state, gone: true } as const };
  draft.change({ voicemail: gone.state });
  switch (state.stage) {
    case 'prompt':
      return over(draft, gone, 'none', 0);
    case 'recording':
      return close(draft, gone);
    case 'thanks':
      return callBack(draft, gone);
    case 'closing':
    case 'callback':
      return;
  }
}

/** A recording that cannot be begun, or is over already. Without the link nobody knows; the comparison after it will tell. */
export function messageCommandFailed(draft: Draft, recordingId: string, failure: CommandFailure): void {
  const open = openBox(draft);
  if (!open || recordingId !== open.state.recordingId || failure === 'unavailable') return;
  if (open.state.stage !== 'recording') return;
  conclude(draft, open, failure === 'gone' ? undefined : 'failed');
}

/** After a gap: a prompt begins anew; a message goes on if it still runs, which its recording is asked. */
export function voicemailRecovered(draft: Draft): void {
  const open = openBox(draft);
  if (!open) return end(draft, 'abandoned');
  const { box, state } = open;
  const { id } = draft.call;
  switch (state.stage) {
    case 'prompt':
      draft.pbx({ kind: 'stopPlayback', playbackId: messagePromptIdOf(id) });
      return say(draft, messagePromptIdOf(id), box.prompt, box.promptMaxMs);
    case 'recording': {
      const leftMs = (state.recordedAtMs ?? draft.atMs) + box.lengthMaxMs + lengthGraceMs - draft.atMs;
      draft.ask({ kind: 'startTimer', timer: 'voicemail', afterMs: Math.max(1_000, leftMs) });
      return draft.pbx({ kind: 'unmuteRecording', recordingId: state.recordingId ?? '' });
    }
    case 'closing':
      return conclude(draft, open);
    case 'thanks':
      return letGo(draft, open);
    case 'callback':
      return callBack(draft, open);
  }
}

/** The callback is written down, or cannot be: either way the call is over. */
export function voicemailCallbackSettled(draft: Draft): void {
  const { voicemail, phase } = draft.call;
  if (phase === 'voicemail' && voicemail?.stage === 'callback') conclusion(draft, voicemail);
}

function say(draft: Draft, playbackId: string, media: readonly string[], maxMs: number): void {
  const language = spokenIn(draft);
  draft.pbx({
    kind: 'play',
    legId: draft.call.callerLegId,
    playbackId,
    media,
    ...(language === undefined ? {} : { language }),
  });
  draft.ask({ kind: 'startTimer', timer: 'voicemail', afterMs: maxMs });
}

function record(draft: Draft, { state, box }: OpenBox): void {
  const { call, atMs } = draft;
  const number = (call.recordings ?? 0) + 1;
  const recordingId = recordingIdOf(call.id, number);
  const { format, lengthMaxMs, silenceMaxMs } = box;
  draft.pbx({ kind: 'recordLeg', legId: call.callerLegId, recordingId, format, lengthMaxMs, silenceMaxMs });
  draft.ask({ kind: 'startTimer', timer: 'voicemail', afterMs: lengthMaxMs + lengthGraceMs });
  draft.change({ recordings: number, voicemail: { ...state, stage: 'recording', recordingId, recordedAtMs: atMs } });
  draft.tell({ type: 'call.recording.started.v1', recordingId, byRule: true, startedAtMs: atMs, format });
}

function close(draft: Draft, { state }: OpenBox): void {
  if (state.recordingId !== undefined) draft.pbx({ kind: 'stopRecording', recordingId: state.recordingId });
  draft.change({ voicemail: { ...state, stage: 'closing', closedAtMs: draft.atMs } });
  draft.ask({ kind: 'startTimer', timer: 'voicemail', afterMs: closingMaxMs });
}

function conclude(draft: Draft, open: OpenBox, known?: VoicemailOutcome): void {
  const { state, box } = open;
  const { recordingId = '', recordedAtMs = draft.atMs, closedAtMs = draft.atMs } = state;
  const lengthMs = Math.min(box.lengthMaxMs, Math.max(0, closedAtMs - recordedAtMs));
  const outcome = known ?? (lengthMs < box.shortestMs ? 'tooShort' : 'left');
  const told = { recordingId, byRule: true, startedAtMs: recordedAtMs, format: box.format };
  if (outcome === 'failed') draft.tell({ type: 'call.recording.failed.v1', ...told, reason: 'pbx' });
  else draft.tell({ type: 'call.recording.stopped.v1', ...told });
  over(draft, open, outcome, lengthMs);
}

function over(draft: Draft, open: OpenBox, outcome: VoicemailOutcome, lengthMs: number): void {
  const { box } = open;
  const state = { ...open.state, outcome };
  const { recordingId } = state;
  draft.change({ voicemail: state });
  draft.tell({
    type: 'call.voicemail.ended.v1',
    box: box.id,
    outcome,
    lengthMs,
    ...(recordingId === undefined ? {} : { recordingId }),
  });
  if (state.gone || box.thanks.length === 0) return letGo(draft, { box, state });
  draft.change({ voicemail: { ...state, stage: 'thanks' } });
  say(draft, thanksIdOf(draft.call.id), box.thanks, box.promptMaxMs);
}

function letGo(draft: Draft, { box, state }: OpenBox): void {
  if (!state.gone) draft.pbx({ kind: 'hangup', legId: draft.call.callerLegId, reason: 'normal' });
  callBack(draft, { box, state: { ...state, gone: true } });
}

/** The call stands until the callback is written down, so that no kill loses it; asked twice it is one callback. */
function callBack(draft: Draft, { box, state }: OpenBox): void {
  const { outcome } = state;
  const wanted =
    box.callback === 'always' || (box.callback === 'message' && (outcome === 'left' || outcome === 'failed'));
  if (!wanted) return conclusion(draft, state);
  draft.change({ voicemail: { ...state, stage: 'callback' } });
  draft.ask({ kind: 'startTimer', timer: 'voicemail', afterMs: callbackMaxMs });
  draft.ask({ kind: 'requestCallback', number: draft.call.callerNumber });
}

function conclusion(draft: Draft, state: VoicemailState): void {
  draft.ask({ kind: 'stopTimer', timer: 'voicemail' });
  draft.change({ voicemail: state });
  end(draft, state.outcome === 'left' ? 'voicemail' : 'abandoned');
}
