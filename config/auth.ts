import { Type } from '../src/schema/index.ts';
import { duration, id, secret } from './kinds.ts';

const minute = 60_000;
const hour = 60 * minute;
const count = (value: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: value, minimum, maximum, description });

/** How people sign in. */
export const Auth = Type.Object({
  accessTokenMs: duration(10 * minute, minute, 15 * minute, 'how long an access token is good'),
  sessionMs: duration(12 * hour, 5 * minute, 30 * 24 * hour, 'after this the password is needed again'),
  sessionsPerUserMax: count(10, 1, 1_000, 'sessions of one person at a time; the oldest ends'),
  revocationMs: duration(10_000, 1_000, minute, 'a session ended on the command line is dead after this at the latest'),
  tokenKeys: Type.Array(
    Type.Object({ id: id('name of the key'), secret: secret('at least 32 characters that nobody knows') }),
    {
      maxItems: 10,
      description: 'keys that sign access tokens, the first signs; made and kept in the store when there are none',
    },
  ),
  phoneTokenSecret: Type.Optional(
    secret('seals numbers into tokens for click-to-dial; made anew at each start when absent, which ends old tokens'),
  ),
  phoneTokenMs: duration(12 * hour, minute, 7 * 24 * hour, 'how long a token that stands for a number is good'),
  tokenKeyLifeMs: duration(30 * 24 * hour, hour, 400 * 24 * hour, 'a key kept in the store signs for so long'),
  freeFailuresPerUser: count(5, 1, 100, 'wrong passwords for one user before waiting begins'),
  freeFailuresPerAddress: count(30, 1, 10_000, 'wrong passwords from one address before waiting begins'),
  failureWaitMaxMs: duration(15 * minute, 1_000, 24 * hour, 'the longest waiting after wrong passwords'),
});

const bucket = (perSecond: number, burst: number, what: string) =>
  Type.Object({
    perSecond: Type.Number({ default: perSecond, minimum: 0.01, maximum: 100_000, description: `${what} a second` }),
    burst: count(burst, 1, 100_000, `${what} at once`),
  });

/** Allowances beside the general one. */
export const Rates = Type.Object({
  login: bucket(10, 100, 'sign-ins and refreshes of one address'),
  command: bucket(50, 100, 'commands on calls and agents of one key or person'),
  lookup: bucket(20, 40, 'look-ups of customers of one key or person'),
  reveal: bucket(0.2, 5, 'numbers revealed to one key or person'),
});
