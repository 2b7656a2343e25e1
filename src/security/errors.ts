import { defineErrors } from '../kernel/index.ts';

/** What signing in and tokens can run into. None tells whether a user exists. */
export const authErrors = defineErrors('auth', {
  login_wrong: [401, 'user or password is wrong', 'check both; a supervisor can set a new password'],
  login_slowed: [429, 'too many wrong passwords', 'wait as long as Retry-After says'],
  token_wrong: [401, 'the access token is not valid here', 'sign in at this server'],
  token_expired: [401, 'the access token has expired', 'use the refresh token at /v1/auth/refresh'],
  session_ended: [401, 'the session has ended', 'sign in again'],
  refresh_wrong: [401, 'the refresh token is not valid', 'sign in again'],
  refresh_reused: [
    401,
    'the refresh token was used before; its session is ended, because somebody else may hold it',
    'sign in again',
  ],
  no_session: [409, 'this is for people who signed in, not for API keys', 'sign in with user and password'],
  busy: [503, 'too many people sign in at the same time', 'try again in a second'],
  unavailable: [503, 'the store of users cannot be read now', 'try again when the store is back; readyz tells'],
  tickets_full: [503, 'too many tickets are waiting to be used', 'try again in half a minute'],
  password_weak: [400, 'the password is too short or too long', 'use at least 10 characters and at most 256'],
  password_hash: [500, 'a stored password has an unknown form', 'set the password anew with "user password"'],
});
