import { randomBytes } from 'node:crypto';
import type { Config } from '../config/index.ts';
import type { SignInParts } from './http/index.ts';
import type { Clock, Logger } from './kernel/index.ts';
import {
  AccessTokens,
  type Authenticator,
  createAuthenticator,
  type IdentityStore,
  InstancePasses,
  KeyRing,
  PasswordHasher,
  phoneSealer,
  type Seal,
  sealNow,
  Sessions,
  SealedNotes,
  SharedTickets,
  SignIn,
  type SignInNote,
  Tickets,
  type UsedOnce,
} from './security/index.ts';

/** What several instances share, so that one takes what another gave out. */
export interface SharedAccess {
  readonly used: UsedOnce;
  /** Unix time as all machines have it: a clock that each process goes on with by itself drifts from the others'. */
  readonly wall: Pick<Clock, 'nowMs'>;
}

/** Who may come in, by key, password, token or ticket. */
export interface Access {
  readonly authenticator: Authenticator;
  readonly signIn: SignInParts;
  /** By which one instance shows another that it is of the same shard; those of this one alone where it serves alone. */
  readonly passes: InstancePasses;
  stop(): void;
}

/** Builds keys, sessions and tokens from the config. Nothing is loaded or asked before somebody signs in. */
export function composeAccess(
  { auth, apiKeys, tenant }: Pick<Config, 'auth' | 'apiKeys' | 'tenant'>,
  store: IdentityStore,
  {
    clock,
    logger,
    note,
    shared,
  }: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly note: (note: SignInNote) => void;
    readonly shared?: SharedAccess | undefined;
  },
): Access {
  const tokens = new AccessTokens(store, clock, {
    tenant,
    accessTokenMs: auth.accessTokenMs,
    keys: auth.tokenKeys.map(({ id, secret }) => ({ id, secret: secret.reveal() })),
    keyLifeMs: auth.tokenKeyLifeMs,
  });
  const sessions = new Sessions(store, { revocationMs: auth.revocationMs }, clock, logger);
  const ring = new KeyRing(store, clock, {
    keys: auth.tokenKeys.map(({ id, secret }) => ({ id, secret: secret.reveal() })),
    keyLifeMs: auth.tokenKeyLifeMs,
    tokenLifeMs: auth.accessTokenMs,
  });
  const notes = (prefix: string, purpose: string): SealedNotes => new SealedNotes(ring, { prefix, purpose, tenant });
  const passes = new InstancePasses(notes('rmi', 'instance pass'), shared?.wall ?? clock);
  const tickets = shared ? new SharedTickets(notes('rmt', 'socket ticket'), shared) : new Tickets(clock);
  const desk = new SignIn(
    {
      store,
      hasher: new PasswordHasher(),
      tokens,
      sessions,
      clock,
      note,
    },
    { ...auth, waitMaxMs: auth.failureWaitMaxMs },
  );
  return {
    authenticator: createAuthenticator({ apiKeys, tokens, sessions, tickets, passes: shared && passes }),
    passes,
    signIn: { desk, tickets },
    stop: () => sessions.stop(),
  };
}

/** Numbers as tokens, for readers who see them masked. */
interface Phones {
  readonly seal: Seal;
  /** The number behind a token; undefined when it is not ours or has expired. */
  readonly open: (token: string) => string | undefined;
}

/** Without a given secret tokens end with the process, and readers get new ones with what they read next. */
export function composePhones({ tenant, auth }: Pick<Config, 'tenant' | 'auth'>, clock: Clock): Phones {
  const secret = auth.phoneTokenSecret?.reveal() ?? randomBytes(32).toString('hex');
  const sealer = phoneSealer({ secret, tenant, lifeMs: auth.phoneTokenMs });
  return {
    seal: sealNow(sealer, clock),
    open: (token) => {
      const opened = sealer.openPhone(token, clock.nowMs());
      return opened.ok ? opened.number : undefined;
    },
  };
}
