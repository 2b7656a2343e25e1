import { Type } from '../src/schema/index.ts';
import { duration, formed, secret } from './kinds.ts';

const day = 24 * 3_600_000;

/** Who did what, in a chain that shows tampering. */
export const AuditSection = Type.Object({
  key: Type.Optional(secret('keys the chain; kept in the store when absent, where its master could forge with it')),
  anchorFile: Type.Optional(
    formed(/^\S.*$/, 'a file path', 'file to which heads of the chain are appended, best on another machine’s disk'),
  ),
  anchorEveryMs: duration(60_000, 1_000, day, 'how often at most a head is told to the log and the file'),
  personalMs: duration(180 * day, day, 3650 * day, 'addresses and reasons in entries are erased after this'),
  bufferEntries: Type.Integer({
    default: 10_000,
    minimum: 100,
    maximum: 1_000_000,
    description: 'entries that wait in memory while the store is away',
  }),
});
