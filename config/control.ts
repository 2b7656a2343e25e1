import { Type } from '../src/schema/index.ts';
import { duration } from './kinds.ts';

/** What agents do with a conversation: limits of consultations. */
export const Control = Type.Object({
  outsideRingTimeoutMs: duration(
    45_000,
    5_000,
    5 * 60_000,
    'how long a number outside rings that an agent asks for advice; agents ring as their queue says',
  ),
});
