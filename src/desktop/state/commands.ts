import type { Method } from '../client/api.ts';
import type { KeyAction } from '../keys/chords.ts';
import type { WordKey } from '../words/en.ts';
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

/** What the call's phase allows; the page shows of it what the server has. Transfer is apart: it asks where to. */
export function callCommands({ view, offer }: DeskCall): readonly CallCommand[] {
  const at = `/v1/calls/${encodeURIComponent(view.id)}`;
  switch (view.phase) {
    case 'offering': {
      const reject: CallCommand = { ...post('reject', 'rejectCall', `${at}/reject`), key: 'reject', tone: 'danger' };
      // In `ring` mode the phone rings by itself and is picked up by hand; nothing is left to accept on the screen.
      const onPhone = offer?.mode === 'ring' || offer?.ringing === true;
      return onPhone
        ? [reject]
        : [{ ...post('accept', 'acceptCall', `${at}/accept`), key: 'accept', tone: 'main' }, reject];
    }
    case 'dialling':
      return [{ ...post('hangUp', 'hangUpCall', `${at}/hang-up`), key: 'hangUp', tone: 'danger' }];
    case 'talking':
      return [
        { ...post('hold', 'holdCall', `${at}/hold`), key: 'hold' },
        { ...post('hangUp', 'hangUpCall', `${at}/hang-up`), key: 'hangUp', tone: 'danger' },
      ];
    case 'held':
      return [
        { ...post('resume', 'resumeCall', `${at}/resume`), key: 'hold', tone: 'main' },
        { ...post('hangUp', 'hangUpCall', `${at}/hang-up`), key: 'hangUp', tone: 'danger' },
      ];
    case 'wrapUp': {
      const agent = encodeURIComponent(view.agentId ?? '');
      const end = post('endWrapUp', 'endWrapUp', `/v1/agents/${agent}/end-wrap-up`);
      return [{ ...end, key: 'endWrapUp', tone: 'main' }];
    }
    default:
      return [];
  }
}

const post = (word: WordKey, operation: string, path: string): CallCommand => ({
  word,
  operation,
  method: 'POST',
  path,
});

export const mayTransfer = ({ view }: DeskCall): boolean => view.phase === 'talking' || view.phase === 'held';
