import type { Draft } from './draft.ts';
import { askForCallback, isDialable } from './callback-target.ts';
import { goodbye, noCallback } from './leaving.ts';
import {
  type CallbackAsk,
  type CallbackPrompts,
  promptsFor,
  spokenWith,
  type CallbackRefusal,
  type CallbackVerdict,
} from './wait-care.ts';
import { careOf, changeWait, cut, hear, isSent, musicAgain, offersNow } from './wait-sounds.ts';

const digitsMax = 20;

const noPrompts: CallbackPrompts = { offer: [], confirm: [], enter: [], accepted: [], refused: [] };

function promptsOf(draft: Draft): CallbackPrompts {
  const { callback } = careOf(draft);
  return (callback && promptsFor(callback.prompts, draft.call.language)) ?? noPrompts;
}

export const callbackMedia = (draft: Draft, what: keyof CallbackPrompts): readonly string[] =>
  spokenWith(promptsOf(draft)[what], { number: draft.call.wait?.callback?.number ?? '' });

/** Offered once a wait, after so long a time or when so long a wait is expected. */
export function offerIsDue(draft: Draft, waitMs: number | undefined): boolean {
  const { callback } = careOf(draft);
  if (!callback || draft.call.wait?.callback || promptsOf(draft).offer.length === 0) return false;
  return offersNow(draft) || (callback.atWaitMs !== undefined && waitMs !== undefined && waitMs >= callback.atWaitMs);
}

/** True when the key was an answer to what a waiting caller was offered or asked. */
export function callbackKey(draft: Draft, key: string): boolean {
  const { phase, wait } = draft.call;
  const ask = wait?.callback;
  if (phase !== 'waiting' || !ask || wait.hears === 'closing') return false;
  switch (ask.stage) {
    case 'offered':
    case 'refused':
      if (key === careOf(draft).callback?.key) begin(draft);
      return true;
    case 'confirm':
      confirmed(draft, ask, key);
      return true;
    case 'entering':
      entered(draft, ask, key);
      return true;
    default:
      return true;
  }
}

function begin(draft: Draft): void {
  const { callerNumber } = draft.call;
  cut(draft);
  if (isDialable(callerNumber)) return confirm(draft, callerNumber);
  ask(draft, { stage: 'entering', number: '', asked: 0 });
}

function confirm(draft: Draft, number: string): void {
  if (promptsOf(draft).confirm.length === 0) return check(draft, number);
  ask(draft, { stage: 'confirm', number, asked: 0 });
}

/** Puts a question; after too many the caller waits on. */
function ask(draft: Draft, { stage, number, asked }: CallbackAsk): void {
  const attempts = careOf(draft).callback?.attempts ?? 0;
  changeWait(draft, { callback: { stage, number, asked: asked + 1 } });
  const media = stage === 'confirm' ? callbackMedia(draft, 'confirm') : callbackMedia(draft, 'enter');
  if (asked >= attempts || media.length === 0) return refuse(draft, 'number');
  hear(draft, 'callback', media);
}

function confirmed(draft: Draft, current: CallbackAsk, key: string): void {
  cut(draft);
  if (key === '1') return check(draft, current.number);
  if (key === '2' && promptsOf(draft).enter.length > 0) {
    return ask(draft, { stage: 'entering', number: '', asked: 0 });
  }
  if (key === '*') return waitOn(draft);
  ask(draft, current);
}

function entered(draft: Draft, current: CallbackAsk, key: string): void {
  cut(draft);
  if (key === '*') return waitOn(draft);
  if (key !== '#') {
    const number = `${current.number}${key}`.slice(0, digitsMax);
    changeWait(draft, { callback: { ...current, number } });
    return think(draft);
  }
  if (isDialable(current.number)) return confirm(draft, current.number);
  ask(draft, { ...current, number: '' });
}

/** The caller would rather wait. */
function waitOn(draft: Draft): void {
  changeWait(draft, { callback: { stage: 'offered', number: '', asked: 0 } });
  musicAgain(draft);
}

function think(draft: Draft): void {
  draft.ask({ kind: 'startTimer', timer: 'wait', afterMs: careOf(draft).callback?.answerMs ?? 0 });
}

/** Whether this number can be called back, and is it written down? */
function check(draft: Draft, number: string): void {
  cut(draft);
  changeWait(draft, { callback: { stage: 'checking', number, asked: 0 } });
  askForCallback(draft, number);
}

/**
 * The place in line is the callback's now: the caller hears goodbye and is let go. Somebody who was put through
 * meanwhile needs none.
 */
export function callbackSettled(draft: Draft, verdict: CallbackVerdict): void {
  const { call } = draft;
  const isAwaited = call.wait?.callback?.stage === 'checking' || isSent(call);
  if (verdict.ok && (call.phase !== 'waiting' || !isAwaited)) {
    if (isAwaited) changeWait(draft, { callback: { stage: 'offered', number: '', asked: 0 } });
    return draft.ask({ kind: 'cancelCallback', callbackId: verdict.callbackId });
  }
  if (!isAwaited) return;
  if (!verdict.ok) return isSent(call) ? noCallback(draft, verdict.reason) : refuse(draft, verdict.reason);
  draft.ask({ kind: 'leaveQueue' });
  changeWait(draft, { callback: { stage: 'accepted', number: '', asked: 0 } });
  const media = callbackMedia(draft, 'accepted');
  if (media.length === 0) return goodbye(draft);
  if (!call.answered) draft.pbx({ kind: 'answer', legId: call.callerLegId });
  hear(draft, 'callback', media);
}

function refuse(draft: Draft, reason: CallbackRefusal): void {
  changeWait(draft, { callback: { stage: 'refused', number: '', asked: 0 } });
  draft.tell({ type: 'call.callback.refused.v1', reason });
  const media = draft.call.phase === 'waiting' ? callbackMedia(draft, 'refused') : [];
  if (media.length > 0) hear(draft, 'callback', media);
  else if (draft.call.phase === 'waiting') musicAgain(draft);
}

/** A prompt of the dialogue is over: the caller may think, is let go, or waits on. */
export function callbackHeard(draft: Draft): void {
  switch (draft.call.wait?.callback?.stage) {
    case 'confirm':
    case 'entering':
      return think(draft);
    case 'accepted':
      return goodbye(draft);
    default:
      return musicAgain(draft);
  }
}

/** True when the time was one to think, or to wait for the answer of others. */
export function callbackTimeOver(draft: Draft): boolean {
  const current = draft.call.wait?.callback;
  switch (current?.stage) {
    case 'confirm':
    case 'entering':
      ask(draft, current.stage === 'entering' ? { ...current, number: '' } : current);
      return true;
    case 'checking':
      refuse(draft, 'late');
      return true;
    case 'sent':
      noCallback(draft, 'late');
      return true;
    case 'accepted':
      goodbye(draft);
      return true;
    default:
      return false;
  }
}
