import type { VoicemailPolicy } from '../src/call/index.ts';
import { type Static, Type } from '../src/schema/index.ts';
import { duration, id } from './kinds.ts';
import type { Problems } from './problems.ts';
import { promptMaxMs, sounds } from './question.ts';

/** Where callers leave a message; the target `voicemail:ID` leads there. */
export const VoicemailSection = Type.Object({
  id: id('name of this box; targets say voicemail:ID'),
  prompt: sounds('sounds that ask for a message; the beep is the last of them', 1),
  promptMaxMs: promptMaxMs('the message begins'),
  thanks: sounds('sounds after the message for who is still there'),
  lengthMaxMs: duration(180_000, 5_000, 3_600_000, 'the longest message'),
  silenceMaxMs: duration(5_000, 1_000, 60_000, 'silence that ends a message'),
  shortestMs: duration(2_000, 0, 60_000, 'what is shorter is no message'),
  callback: Type.Enum(['never', 'message', 'always'], {
    default: 'never',
    description: 'who is called back; message: who left one; always: also who hung up before',
  }),
  queue: Type.Optional(id('whose agents call back; the queue that the call came from, or the number’s, when absent')),
});

export type VoicemailData = Static<typeof VoicemailSection>;

export function checkVoicemails(
  boxes: readonly VoicemailData[],
  queues: readonly { readonly id: string; readonly callback?: object }[],
  {
    refer,
    problems,
  }: { readonly refer: (what: 'queue', name: string, key: string) => void; readonly problems: Problems },
): void {
  boxes.forEach(({ queue, callback }, index) => {
    const key = `voicemails[${index}]`;
    if (queue !== undefined) refer('queue', queue, `${key}.queue`);
    if (callback === 'never' || queues.some((one) => one.id === queue && one.callback)) return;
    const mend = 'Name under queue one that has callback, or set callback: never.';
    problems.report('contradiction', `${key}.callback`, 'no queue says how these callers are called back', mend);
  });
}

export const toVoicemail = ({ queue, ...box }: VoicemailData, format: string): VoicemailPolicy => ({
  ...box,
  format,
  ...(queue === undefined ? {} : { queueId: queue }),
});
