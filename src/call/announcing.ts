import { callbackHeard, callbackMedia, callbackTimeOver, offerIsDue } from './callback.ts';
import { closingHeard } from './closing.ts';
import type { Draft } from './draft.ts';
import { nextTelling, type Standing, type Telling } from './told.ts';
import { promptsFor, spokenWith, type WaitState, waitPlaybackIdOf } from './wait-care.ts';
import { careOf, changeWait, cut, hear, musicAgain, nextLook, speaksNow, waitOf } from './wait-sounds.ts';

/** Time for an announcement, or a prompt takes longer than it may, or the caller has thought for long enough. */
export function waitTimeOver(draft: Draft): void {
  const { phase, wait } = draft.call;
  if (phase === 'offering') return void nextLook(draft);
  if (phase !== 'waiting') return;
  if (wait?.hears !== undefined) {
    cut(draft);
    return heard(draft, wait.hears);
  }
  if (!callbackTimeOver(draft)) draft.ask({ kind: 'estimate' });
}

/** Where the call stands: it is told what is no worse than before, and may be offered a callback. */
export function estimated(draft: Draft, standing: Standing): void {
  const { call } = draft;
  if (call.phase === 'offering') return void nextLook(draft);
  if (call.phase !== 'waiting' || isAsked(call.wait)) return;
  if (!call.wait?.counted) changeWait(draft, { counted: { atMs: draft.atMs, ahead: standing.position - 1 } });
  const telling = tellingFor(draft, standing);
  const offers = offerIsDue(draft, standing.waitMs);
  const media = [...announcementMedia(draft, telling), ...(offers ? callbackMedia(draft, 'offer') : [])];
  if (offers) {
    changeWait(draft, { callback: { stage: 'offered', number: '', asked: 0 } });
    draft.tell({ type: 'call.callback.offered.v1' });
  }
  if (media.length === 0) return void nextLook(draft);
  hear(draft, 'announcement', media);
  if (telling.position !== undefined || telling.toMs !== undefined) announced(draft, telling);
}

function announced(draft: Draft, telling: Telling): void {
  const { toldPosition, toldWaitMs } = waitOf(draft.call);
  changeWait(draft, { toldPosition: telling.position ?? toldPosition, toldWaitMs: telling.toMs ?? toldWaitMs });
  draft.tell({ type: 'call.announced.v1', ...telling });
}

/** In the middle of a question, or out of the queue. */
const isAsked = (wait: WaitState | undefined): boolean =>
  wait?.hears !== undefined || !['offered', 'refused', undefined].includes(wait?.callback?.stage);

function tellingFor(draft: Draft, standing: Standing): Telling {
  const { announcements } = careOf(draft);
  return announcements && speaksNow(draft) ? nextTelling(waitOf(draft.call), standing, announcements) : {};
}

const minuteMs = 60_000;

function announcementMedia(draft: Draft, { position, fromMs, toMs }: Telling): readonly string[] {
  const { announcements } = careOf(draft);
  const prompts = announcements && promptsFor(announcements.prompts, draft.call.language);
  if (!prompts || !speaksNow(draft)) return [];
  const range =
    fromMs === undefined || toMs === undefined
      ? undefined
      : { from: Math.floor(fromMs / minuteMs), to: Math.ceil(toMs / minuteMs) };
  const media = [
    ...(position === undefined ? [] : spokenWith(prompts.position, { position })),
    ...(range ? spokenWith(prompts.wait, range) : []),
  ];
  return media.length > 0 ? media : prompts.still;
}

/** True when the playback was one of those that callers hear while they wait. */
export function waitSoundOver(draft: Draft, playbackId: string): boolean {
  const { id, phase, wait } = draft.call;
  if (!wait || !playbackId.startsWith(`${id}.wait`)) return false;
  if (phase === 'waiting' && wait.hears !== undefined && playbackId === waitPlaybackIdOf(id, wait.plays)) {
    changeWait(draft, { hears: undefined });
    heard(draft, wait.hears);
  }
  return true;
}

function heard(draft: Draft, what: NonNullable<WaitState['hears']>): void {
  switch (what) {
    case 'callback':
      return callbackHeard(draft);
    case 'closing':
      musicAgain(draft);
      return closingHeard(draft);
    case 'announcement':
      return musicAgain(draft);
  }
}
