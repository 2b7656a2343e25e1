import { type Method, type Outcome, request } from './api.ts';
import type { DeskFetch } from './ports.ts';

export type SocketToken = { readonly token: string } | 'refused' | 'unreachable';

/** Who has signed in, as far as the server tells. */
export interface Person {
  readonly name: string;
  /** The agent as whom the person takes calls. */
  readonly agentId?: string;
}

/** Somebody who has signed in: asks the API in that name. What proves it stays in memory; a reload asks again. */
export interface Session {
  readonly person: Person;
  ask<Body = unknown>(method: Method, path: string, body?: object): Promise<Outcome<Body>>;
  /** A token for the first frame of the event socket. */
  socketToken(): Promise<SocketToken>;
  signOut(): Promise<void>;
}

/** With an API key: for integrations, administrators and servers without users. */
export class KeySession implements Session {
  readonly person: Person;
  private readonly fetch: DeskFetch;
  private readonly key: string;

  private constructor(fetch: DeskFetch, key: string, person: Person) {
    this.fetch = fetch;
    this.key = key;
    this.person = person;
  }

  static async open(fetch: DeskFetch, key: string): Promise<Outcome<Session>> {
    const me = await request<{ id: string; agentId?: string }>(fetch, 'GET', '/v1/auth/me', {
      authorization: `Bearer ${key}`,
    });
    if (!me.ok) return me;
    const { id: name, agentId } = me.body;
    return { ok: true, body: new KeySession(fetch, key, { name, ...(agentId === undefined ? {} : { agentId }) }) };
  }

  ask<Body>(method: Method, path: string, body?: object): Promise<Outcome<Body>> {
    return request<Body>(this.fetch, method, path, { authorization: `Bearer ${this.key}`, body });
  }

  async socketToken(): Promise<SocketToken> {
    return { token: this.key };
  }

  async signOut(): Promise<void> {
    // A key is not a session: there is nothing to end.
  }
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface SignedIn extends Tokens {
  readonly user: { readonly name: string; readonly agentId?: string };
}

/**
 * With name and password: short access tokens, renewed when the server no longer takes them. A refresh token is good
 * once, so however many requests find the token expired, one of them renews it for all.
 */
export class UserSession implements Session {
  readonly person: Person;
  private readonly fetch: DeskFetch;
  private tokens: Tokens;
  private renewing: Promise<'renewed' | 'refused' | 'unreachable'> | undefined;

  private constructor(fetch: DeskFetch, tokens: Tokens, person: Person) {
    this.fetch = fetch;
    this.tokens = tokens;
    this.person = person;
  }

  static async open(fetch: DeskFetch, user: string, password: string): Promise<Outcome<Session>> {
    const outcome = await request<SignedIn>(fetch, 'POST', '/v1/auth/login', { body: { user, password } });
    if (!outcome.ok) return outcome;
    const { name, agentId } = outcome.body.user;
    const person = { name, ...(agentId === undefined ? {} : { agentId }) };
    return { ok: true, body: new UserSession(fetch, outcome.body, person) };
  }

  async ask<Body>(method: Method, path: string, body?: object): Promise<Outcome<Body>> {
    const { accessToken } = this.tokens;
    const first = await this.send<Body>(method, path, body);
    if (first.ok || first.status !== 401) return first;
    // Another request may have renewed the token while this one was under way.
    const renewed = this.tokens.accessToken === accessToken ? await this.renew() : 'renewed';
    if (renewed === 'unreachable') return { ok: false, status: 0, code: 'desk.unreachable', message: '' };
    return renewed === 'renewed' ? this.send<Body>(method, path, body) : first;
  }

  async socketToken(): Promise<SocketToken> {
    const outcome = await this.ask<{ ticket: string }>('POST', '/v1/auth/ws-ticket');
    if (outcome.ok) return { token: outcome.body.ticket };
    return outcome.status === 401 || outcome.status === 403 ? 'refused' : 'unreachable';
  }

  async signOut(): Promise<void> {
    await this.send('POST', '/v1/auth/logout');
  }

  private send<Body>(method: Method, path: string, body?: object): Promise<Outcome<Body>> {
    return request<Body>(this.fetch, method, path, { authorization: `Bearer ${this.tokens.accessToken}`, body });
  }

  private renew(): Promise<'renewed' | 'refused' | 'unreachable'> {
    this.renewing ??= this.askForNewTokens().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async askForNewTokens(): Promise<'renewed' | 'refused' | 'unreachable'> {
    const { refreshToken } = this.tokens;
    const outcome = await request<Tokens>(this.fetch, 'POST', '/v1/auth/refresh', { body: { refreshToken } });
    if (!outcome.ok) return outcome.status === 401 ? 'refused' : 'unreachable';
    this.tokens = outcome.body;
    return 'renewed';
  }
}
