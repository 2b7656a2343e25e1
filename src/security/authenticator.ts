import { AppError } from '../kernel/index.ts';
import { type ApiKeyRecord, keyChecker } from './api-key.ts';
import type { Standing } from './ports.ts';
import type { Identity, Principal } from './principal.ts';
import { scopesOf, widest } from './roles.ts';
import type { Sessions } from './sessions.ts';
import type { AccessTokens } from './tokens.ts';
import type { InstancePasses } from './instance-passes.ts';

export type Refusal =
  | 'missing'
  | 'malformed'
  | 'wrong'
  | 'tokenWrong'
  | 'tokenExpired'
  | 'sessionEnded'
  | 'unavailable';

export type Check =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: Refusal };

/** Tells who shows a credential. */
export interface Authenticator {
  /** The value of an Authorization header: an API key, or the access token of a person. */
  readonly check: (authorization: string | undefined) => Check | Promise<Check>;
  /** The same for the first frame of a WebSocket, which may also carry a ticket. */
  readonly checkFrame: (token: string) => Check | Promise<Check>;
  /** Tells when the session ends before its token does; gives the way to stop that. */
  readonly watch: (sessionId: string, tell: () => void) => () => void;
}

export interface AuthenticatorParts {
  readonly apiKeys: readonly ApiKeyRecord[];
  readonly tokens: Pick<AccessTokens, 'check'>;
  readonly sessions: Pick<Sessions, 'standing' | 'watch'>;
  readonly tickets: { redeem(ticket: string): Identity | undefined | Promise<Identity | undefined> };
  /** Where several instances serve together. */
  readonly passes?: Pick<InstancePasses, 'isOne' | 'check'> | undefined;
}

const jwtPattern = /^Bearer ([\w-]{1,2048}\.[\w-]{1,4096}\.[\w-]{1,2048})$/i;

const passPattern = /^Bearer ([\w.-]{1,1024})$/i;

export function createAuthenticator({ apiKeys, tokens, sessions, tickets, passes }: AuthenticatorParts): Authenticator {
  const checkKey = keyChecker(apiKeys);

  const checkToken = async (token: string): Promise<Check> => {
    try {
      const checked = await tokens.check(token);
      if (!checked.ok) return refused(checked.reason === 'expired' ? 'tokenExpired' : 'tokenWrong');
      const { sessionId, userId, expiresAtMs } = checked.claims;
      const standing = await sessions.standing(sessionId);
      if (standing?.user.id !== userId) return refused('sessionEnded');
      return {
        ok: true,
        identity: { principal: principalOf(standing), session: { id: sessionId, userId, expiresAtMs } },
      };
    } catch (error) {
      if (error instanceof AppError) return refused('unavailable');
      throw error;
    }
  };

  const checkPass = async (pass: string): Promise<Check> => {
    try {
      const identity = await passes?.check(pass);
      return identity ? { ok: true, identity } : refused('wrong');
    } catch (error) {
      if (error instanceof AppError) return refused('unavailable');
      throw error;
    }
  };

  const check: Authenticator['check'] = (authorization) => {
    const [, pass] = passPattern.exec(authorization ?? '') ?? [];
    if (pass !== undefined && passes?.isOne(pass)) return checkPass(pass);
    const [, token] = jwtPattern.exec(authorization ?? '') ?? [];
    if (token !== undefined) return checkToken(token);
    const checked = checkKey(authorization);
    return checked.ok ? { ok: true, identity: { principal: checked.principal } } : checked;
  };

  /** Without the keys nobody can tell whose it is. */
  const redeemed = async (ticket: string): Promise<Identity | undefined> => {
    try {
      return await tickets.redeem(ticket);
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  };

  return {
    check,
    checkFrame: async (token) => {
      if (!token.startsWith('rmt_')) return check(`Bearer ${token}`);
      const identity = await redeemed(token);
      if (!identity) return refused('wrong');
      // The session may have ended between ticket and socket.
      const { session } = identity;
      if (session && !(await sessions.standing(session.id).catch(() => undefined))) return refused('sessionEnded');
      return { ok: true, identity };
    },
    watch: (sessionId, tell) => sessions.watch(sessionId, tell),
  };
}

const refused = (reason: Refusal): Check => ({ ok: false, reason });

/** A person as a principal, by the roles that the user has now. */
export function principalOf({ user }: Pick<Standing, 'user'>): Principal {
  const { id, roles, agentId } = user;
  const base = { id: `user:${id}`, kind: widest(roles), scopes: scopesOf(roles) };
  return agentId === undefined ? base : { ...base, agentId };
}
