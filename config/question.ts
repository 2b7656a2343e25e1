import { type TSchema, Type } from '../src/schema/index.ts';
import { duration, formed } from './kinds.ts';

export const sounds = (description: string, minItems = 0) =>
  Type.Array(
    formed(
      /^(prompt|sound|recording|number|digits|characters|tone):[^\s,]+$/,
      'prompt:NAME, or an ARI media name such as sound:welcome',
      'a sound',
    ),
    { description, minItems, maxItems: 20 },
  );

export const promptMaxMs = (then: string) =>
  duration(30_000, 1_000, 10 * 60_000, `after this the prompt is cut and ${then}`);

export const language = (description: string) =>
  formed(/^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$/, 'a language such as zh or en_GB', description);

/** What every question to the caller has, beside its prompt. */
export const question = {
  timeoutMs: duration(5_000, 1_000, 60_000, 'how long a caller may think after the prompt'),
  attempts: Type.Integer({ default: 3, minimum: 1, maximum: 10, description: 'how often the prompt is played' }),
  wrongKey: sounds('sounds before the prompt after a key that leads nowhere'),
};

/** The keys of a menu. */
export const keys = <Where extends TSchema>(target: Where) =>
  Type.Record(
    Type.String({ pattern: '^[0-9*#]$' }),
    Type.Object({
      target,
      label: Type.String({ default: '', maxLength: 40, description: 'what the key stands for, for the agent' }),
      data: Type.Record(Type.String({ pattern: '^[\\w.-]{1,64}$' }), Type.String({ description: 'a text' }), {
        description: 'attached to the call of who presses it',
      }),
      language: Type.Optional(language('the language in which the call of who presses it goes on')),
    }),
    {
      'x-form': 'a key of the keypad in quotes: "0" to "9", "*" or "#"',
      description: 'the keys and what they lead to',
    },
  );
