import type { Call } from './call.ts';
import type { Draft } from './draft.ts';
import type { QueueCare } from './policy.ts';
import { type WaitState, waitPlaybackIdOf, waitPromptMaxMs } from './wait-care.ts';

/** What could not be said or asked now is tried again so soon. */
export const soonMs = 2_000;
/** A long wait may be expected from the beginning: looked at as soon as the caller has settled down. */
const firstLookMs = 5_000;
/** Timers may be early by so much. */
const earlyMs = 50;

export const careOf = ({ call, policy }: Draft): QueueCare => policy.queue(call.queueId ?? policy.entry.queueId);

export const waitOf = ({ wait }: Call): WaitState => wait ?? { plays: 0 };

export const changeWait = (draft: Draft, part: Partial<WaitState>): void =>
  draft.change({ wait: { ...waitOf(draft.call), ...part } });

/** How long the caller has waited in this wait. */
const waited = ({ call, atMs }: Draft): number => Math.max(0, atMs - (call.waitingSinceMs ?? atMs));

/** Whether it is time for announcements. */
export function speaksNow(draft: Draft): boolean {
  const { announcements } = careOf(draft);
  return announcements !== undefined && waited(draft) + earlyMs >= announcements.firstAfterMs;
}

/** Whether the wait has been long enough for the offer of a callback. */
export function offersNow(draft: Draft): boolean {
  const { callback } = careOf(draft);
  return callback !== undefined && waited(draft) + earlyMs >= callback.afterMs;
}

/** A call has come into a queue: what is told there begins. */
export function waitBegins(draft: Draft): void {
  if (draft.call.outbound) return;
  const isTold = nextLook(draft);
  if (!isTold && draft.call.wait) draft.ask({ kind: 'stopTimer', timer: 'wait' });
}

/** Sets the time of the next announcement, or of the offer of a callback when that is due before. */
export function nextLook(draft: Draft): boolean {
  const { announcements, callback } = careOf(draft);
  if (!draft.call.answered || (!announcements && !callback)) return false;
  const times: number[] = [];
  if (announcements) {
    times.push(
      speaksNow(draft) ? announcements.everyMs : Math.max(earlyMs, announcements.firstAfterMs - waited(draft)),
    );
  }
  if (callback && !draft.call.wait?.callback && !offersNow(draft)) {
    times.push(Math.max(earlyMs, callback.afterMs - waited(draft)));
    if (callback.atWaitMs !== undefined && !draft.call.wait) times.push(firstLookMs);
  }
  const afterMs = Math.min(...times);
  if (Number.isFinite(afterMs)) draft.ask({ kind: 'startTimer', timer: 'wait', afterMs });
  return true;
}

/** Plays to a caller who waits, in the caller's language, instead of music. */
export function hear(draft: Draft, hears: NonNullable<WaitState['hears']>, media: readonly string[]): void {
  const { call } = draft;
  const plays = waitOf(call).plays + 1;
  draft.pbx({ kind: 'stopMusic', legId: call.callerLegId });
  draft.pbx({
    kind: 'play',
    legId: call.callerLegId,
    playbackId: waitPlaybackIdOf(call.id, plays),
    media,
    ...(call.language === undefined ? {} : { language: call.language }),
  });
  changeWait(draft, { plays, hears });
  draft.ask({ kind: 'startTimer', timer: 'wait', afterMs: waitPromptMaxMs });
}

/** Back to the music, until the next announcement. */
export function musicAgain(draft: Draft): void {
  draft.pbx({ kind: 'startMusic', legId: draft.call.callerLegId, musicClass: careOf(draft).musicClass });
  nextLook(draft);
}

/** Cuts what is heard: a PBX carries out what follows only after the end of it. */
export function cut(draft: Draft): void {
  const { id, wait } = draft.call;
  if (wait?.hears === undefined) return;
  draft.pbx({ kind: 'stopPlayback', playbackId: waitPlaybackIdOf(id, wait.plays) });
  changeWait(draft, { hears: undefined });
}

/**
 * An agent was found, or the call goes elsewhere: nothing is told or asked any more, so that nobody waits for the end
 * of it. What the caller has agreed to is not taken back.
 */
export function interrupt(draft: Draft): void {
  const { wait } = draft.call;
  const stage = wait?.callback?.stage;
  const inDialogue = stage === 'confirm' || stage === 'entering';
  if (wait?.hears === undefined && !inDialogue && stage !== 'checking') return;
  cut(draft);
  if (inDialogue) changeWait(draft, { callback: { stage: 'offered', number: '', asked: 0 } });
  musicAgain(draft);
  if (wait?.hears === 'closing') draft.ask({ kind: 'startTimer', timer: 'closing', afterMs: soonMs });
}

/** After a restart nobody knows what was heard: the music plays, and what was asked can be asked for again. */
export function recoverWait(draft: Draft): void {
  const { wait } = draft.call;
  if (!wait) return;
  cut(draft);
  const { stage, number = '' } = wait.callback ?? {};
  if (stage === 'confirm' || stage === 'entering') {
    changeWait(draft, { callback: { stage: 'offered', number: '', asked: 0 } });
  }
  if (stage === 'checking') draft.ask({ kind: 'requestCallback', number });
}

/** Whether the caller is out of the queue already and only hears goodbye. */
export const isLeaving = ({ wait }: Call): boolean => wait?.callback?.stage === 'accepted';

/** Whether a rule took the caller out of the queue to be called back, which is not sure yet. */
export const isSent = ({ wait }: Call): boolean => wait?.callback?.stage === 'sent';

/** Who hangs up after having asked for a callback has not given up. */
export const wantsCallback = (call: Call): boolean =>
  call.wait?.callback?.stage === 'checking' || isSent(call) || isLeaving(call);
