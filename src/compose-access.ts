import type { Config } from '../config/index.ts';
import type { SignInParts } from './http/index.ts';
import type { Clock, Logger } from './kernel/index.ts';
import {
  AccessTokens,
  type Authenticator,
  createAuthenticator,
  type IdentityStore,
  PasswordHasher,
  Sessions,
  SignIn,
  Tickets,
} from './security/index.ts';

/** Who may come in, by key, password, token or ticket. */
export interface Access {
  readonly authenticator: Authenticator;
  readonly signIn: SignInParts;
  stop(): void;
}

/** Builds keys, sessions and tokens from the config. Nothing is loaded or asked before somebody signs in. */
export function composeAccess(
  { auth, apiKeys, tenant }: Pick<Config, 'auth' | 'apiKeys' | 'tenant'>,
  store: IdentityStore,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Access {
  const tokens = new AccessTokens(store, clock, {
    tenant,
    accessTokenMs: auth.accessTokenMs,
    keys: auth.tokenKeys.map(({ id, secret }) => ({ id, secret: secret.reveal() })),
    keyLifeMs: auth.tokenKeyLifeMs,
  });
  const sessions = new Sessions(store, { revocationMs: auth.revocationMs }, clock, logger);
  const tickets = new Tickets(clock);
  const desk = new SignIn(
    {
      store,
      hasher: new PasswordHasher(),
      tokens,
      sessions,
      clock,
      note: ({ action, user, address, sessionId }) =>
        logger.info({ action, pii: { user, address }, ...(sessionId === undefined ? {} : { sessionId }) }, 'sign-in'),
    },
    { ...auth, waitMaxMs: auth.failureWaitMaxMs },
  );
  return {
    authenticator: createAuthenticator({ apiKeys, tokens, sessions, tickets }),
    signIn: { desk, tickets },
    stop: () => sessions.stop(),
  };
}
