import type { Method } from '../client/api.ts';
import type { KeyAction } from '../keys/chords.ts';
import type { WordKey } from '../words/en.ts';
import { type Situation, situationOf } from './select.ts';
import type { DeskCall } from './state.ts';

/** Something that an agent can do with the own call now. */
export interface CallCommand {
  readonly word: WordKey;
  /** The operation of the OpenAPI document that it needs. */
  readonly operation: string;
  readonly key?: KeyAction;
  readonly tone?: 'main' | 'danger';
  readonly method: Method;
  readonly path: string;
}

/**
 * What the agent's part in the call allows; `hasMoreTime`: its wrap-up may be put off. The page shows of it what the server has.
 */
export function callCommands(call: DeskCall, agentId: string | undefined, hasMoreTime = false): readonly CallCommand[] {
  const { view, offer } = call;
  // The phone and the PBX control it.
  if (view.routedBy !== undefined) return [];
  const to = (word: WordKey, operation: string, path: string): CallCommand => ({
    word,
    operation,
    method: 'POST',
    path: `/v1/calls/${encodeURIComponent(view.id)}/${path}`,
  });
  const reject: CallCommand = { ...to('reject', 'rejectCall', 'reject'), key: 'reject', tone: 'danger' };
  const hangUp: CallCommand = { ...to('hangUp', 'hangUpCall', 'hang-up'), key: 'hangUp', tone: 'danger' };
  const complete = to('consultComplete', 'completeConsult', 'consult/complete');
  const cancel = to('consultCancel', 'cancelConsult', 'consult/cancel');
  const swap = to('consultSwap', 'swapConsult', 'consult/swap');
  const merge = to('consultMerge', 'mergeConsult', 'consult/merge');
  const situation = situationOf(call, agentId);
  const mute = isMuted(call, situation) ? to('unmute', 'unmuteCall', 'unmute') : to('mute', 'muteCall', 'mute');
  switch (situation) {
    case 'offered':
      // In `ring` mode the phone rings by itself and is picked up by hand; nothing is left to accept on the screen.
      return offer?.mode === 'ring' || offer?.ringing === true
        ? [reject]
        : [{ ...to('accept', 'acceptCall', 'accept'), key: 'accept', tone: 'main' }, reject];
    case 'asked':
      return [reject];
    case 'dialling':
      return [hangUp];
    case 'talking':
      return [{ ...to('hold', 'holdCall', 'hold'), key: 'hold' }, mute, hangUp];
    case 'held':
      return [{ ...to('resume', 'resumeCall', 'resume'), key: 'hold', tone: 'main' }, mute, hangUp];
    case 'asking':
      return [cancel];
    case 'private':
      return [{ ...complete, tone: 'main' }, swap, merge, cancel, mute];
    case 'between':
      return [swap, merge, complete, cancel, mute];
    case 'conference':
      return [complete, cancel, mute, hangUp];
    case 'advising':
      return [mute, hangUp];
    case 'wrapUp': {
      const own = `/v1/agents/${encodeURIComponent(agentId ?? '')}`;
      const extend: CallCommand = { ...to('extendWrapUp', 'extendWrapUp', ''), path: `${own}/extend-wrap-up` };
      const end: CallCommand = { ...to('endWrapUp', 'endWrapUp', ''), path: `${own}/end-wrap-up` };
      return [...(hasMoreTime ? [extend] : []), { ...end, key: 'endWrapUp', tone: 'main' }];
    }
    case undefined:
      return [];
  }
}

/** Whether somebody else may be brought in: to take the call, or to be asked first. */
export function mayTransfer(call: DeskCall, agentId: string | undefined): boolean {
  const situation = situationOf(call, agentId);
  return call.view.routedBy === undefined && (situation === 'talking' || situation === 'held');
}

/** Whether this agent is not heard: each part has a microphone of its own. */
export function isMuted({ view }: DeskCall, situation: Situation | undefined): boolean {
  return (situation === 'advising' ? view.consult?.muted : view.muted) ?? false;
}
