import type { Clock } from '../../src/kernel/index.ts';
import {
  AccessTokens,
  type ApiKeyRecord,
  createAuthenticator,
  type IdentityStore,
  PasswordHasher,
  type Role,
  Sessions,
  SignIn,
  type SignInNote,
  Tickets,
} from '../../src/security/index.ts';
import { createStores } from '../../src/storage/index.ts';
import { silent } from '../events/support.ts';

/** Cheap, because tests are about the rest. */
export const quickHasher = new PasswordHasher({ cost: { logN: 4, r: 1, p: 1 }, concurrentMax: 8 });
export const password = 'correct horse battery';

export const signInDefaults = {
  sessionMs: 3_600_000,
  sessionsPerUserMax: 20,
  freeFailuresPerUser: 5,
  freeFailuresPerAddress: 30,
  waitMaxMs: 900_000,
};

export const tokenOptions = {
  tenant: 'acme',
  accessTokenMs: 600_000,
  keys: [],
  keyLifeMs: 30 * 24 * 3_600_000,
};

interface Wishes {
  readonly store?: IdentityStore;
  readonly tenant?: string;
  readonly tokenKeys?: readonly { readonly id: string; readonly secret: string }[];
  readonly options?: Partial<typeof signInDefaults>;
}

const rng = { next: Math.random };

/** Sign-in on a store in memory, with everything that happens at the desk noted. */
export function signInFor(apiKeys: readonly ApiKeyRecord[], clock: Clock, wishes: Wishes = {}) {
  const stores = createStores({ url: 'sqlite::memory:' }, { clock, rng, logger: silent });
  const store = wishes.store ?? stores.identity;
  const notes: SignInNote[] = [];
  const tokens = new AccessTokens(store, clock, {
    ...tokenOptions,
    tenant: wishes.tenant ?? 'acme',
    keys: wishes.tokenKeys ?? [],
  });
  const sessions = new Sessions(store, { revocationMs: 10_000 }, clock, silent);
  const tickets = new Tickets(clock);
  const note = (entry: SignInNote) => void notes.push(entry);
  const desk = new SignIn(
    { store, hasher: quickHasher, tokens, sessions, clock, note },
    { ...signInDefaults, ...wishes.options },
  );
  const addUser = async (id: string, roles: readonly Role[], agentId?: string): Promise<void> => {
    await stores.prepare();
    await store.addUser({
      id,
      name: id,
      roles,
      ...(agentId === undefined ? {} : { agentId }),
      password: await quickHasher.hash(password),
      disabled: false,
      generation: 1,
      createdAtMs: clock.nowMs(),
      changedAtMs: clock.nowMs(),
    });
  };
  const authenticator = createAuthenticator({ apiKeys, tokens, sessions, tickets });
  return { authenticator, desk, tickets, tokens, sessions, store, stores, notes, addUser };
}
