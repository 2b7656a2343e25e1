import type { AdviceQuestion } from '../bridge/index.ts';
import type { ErrorSpec } from '../kernel/index.ts';
import { adviceErrors } from './errors.ts';

/** A question as it came in; every text is the asker's. */
export interface RawQuestion {
  readonly number?: string | undefined;
  readonly dialled?: string | undefined;
  readonly entry?: string | undefined;
  readonly uniqueid?: string | undefined;
  readonly node?: string | undefined;
}

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ErrorSpec };

/** Numbers, and the names that SIP allows in their place; nothing that a dial string, a header or a dialplan gives a meaning. */
const number = /^[0-9A-Za-z+*#_.-]{0,64}$/;
const name = /^[0-9A-Za-z+*#_.-]{1,64}$/;
const channel = /^[0-9A-Za-z_.:;@+-]{1,150}$/;

/** Checks a question once, for both doors. */
export function parseQuestion(raw: RawQuestion, via: AdviceQuestion['via']): Parsed<AdviceQuestion> {
  const { number: callerNumber = '', dialled = '', entry, uniqueid, node } = raw;
  const refuse = (error: ErrorSpec): Parsed<AdviceQuestion> => ({ ok: false, error });
  if (!number.test(callerNumber)) return refuse(adviceErrors.bad_number);
  if (!number.test(dialled)) return refuse(adviceErrors.bad_dialled);
  if (entry !== undefined && !name.test(entry)) return refuse(adviceErrors.bad_entry);
  if (uniqueid !== undefined && !channel.test(uniqueid)) return refuse(adviceErrors.bad_channel);
  if (node !== undefined && !name.test(node)) return refuse(adviceErrors.bad_node);
  return {
    ok: true,
    value: {
      via,
      callerNumber,
      // An entry that is named by its number stands for the number dialled.
      dialledNumber: dialled === '' ? (entry ?? '') : dialled,
      entry,
      uniqueId: uniqueid,
      nodeId: node,
    },
  };
}
