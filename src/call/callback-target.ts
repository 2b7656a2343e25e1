import type { Draft } from './draft.ts';
import { stopRecording } from './recording.ts';
import { changeWait } from './wait-sounds.ts';

/** Whoever writes the callback down has answered by then, or it is taken as a no. */
export const checkMaxMs = 10_000;
const dialable = /^\+?\d{3,20}$/;

export const isDialable = (number: string): boolean => dialable.test(number);

/**
 * A rule sends the caller here to be called back by the agents of a queue: out of the line, with the age kept, until it
 * is written down. False when nobody can be called at the number.
 */
export function toCallback(draft: Draft, queueId: string): boolean {
  const { call, atMs } = draft;
  const asked = call.wait?.callback;
  // Who is in the midst of asking for one has said at which number.
  const number = asked?.stage === 'checking' ? asked.number : call.callerNumber;
  if (!isDialable(number)) return false;
  stopRecording(draft);
  draft.enter('waiting', {
    queueId,
    queuedAtMs: call.queuedAtMs ?? atMs - (call.resumedMs ?? 0),
    waitingSinceMs: call.waitingSinceMs ?? call.queuedAtMs ?? atMs,
    onlyAgentId: undefined,
    offers: undefined,
    talk: undefined,
  });
  changeWait(draft, { hears: undefined, callback: { stage: 'sent', number, asked: 0 } });
  askForCallback(draft, number);
  return true;
}

/** Asked for once more by who is sent here already: it is one callback. */
export function askForCallback(draft: Draft, number: string): void {
  draft.ask({ kind: 'startTimer', timer: 'wait', afterMs: checkMaxMs });
  draft.ask({ kind: 'requestCallback', number });
}
