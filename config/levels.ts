import { Type } from '../src/schema/index.ts';

/** Skill to level. */
export const levels = (description: string) =>
  Type.Record(
    Type.String({ pattern: '^[A-Za-z0-9\\u4e00-\\u9fff][\\w.\\u4e00-\\u9fff-]{0,63}$' }),
    Type.Integer({ minimum: 0, maximum: 100, description: 'a level from 0 to 100' }),
    { description },
  );
