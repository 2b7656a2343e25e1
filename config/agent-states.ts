import { Type } from '../src/schema/index.ts';
import { id } from './kinds.ts';

const word = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }));

/** What agents may say about a pause; the words are shown in the language of the page. */
export const PauseSection = Type.Object({
  required: Type.Boolean({ default: true, description: 'whether a pause needs a reason' }),
  reasons: Type.Array(
    Type.Object({
      id: id('name of this reason in the API and events'),
      zh: word('what Chinese pages show'),
      en: word('what English pages show'),
      productive: Type.Boolean({ default: false, description: 'work of another kind, not rest' }),
    }),
    { maxItems: 100, description: 'the reasons that agents may give; any text when empty' },
  ),
});

/** How agents say what came of a call. */
export const DispositionSection = Type.Object({
  required: Type.Boolean({
    default: false,
    description: 'whether agents must give one before they may end the wrap-up themselves',
  }),
  codes: Type.Array(
    Type.Object({
      id: id('the code in the API, events and tickets'),
      zh: word('what Chinese pages show'),
      en: word('what English pages show'),
    }),
    { maxItems: 500, description: 'the codes that agents may give; none when empty' },
  ),
});
