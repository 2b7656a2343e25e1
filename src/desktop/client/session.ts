import { type Method, type Outcome, request } from './api.ts';
import type { DeskFetch } from './ports.ts';

/** Somebody who has signed in: asks the API in that name. What proves it stays in memory; a reload asks again. */
export interface Session {
  ask<Body = unknown>(method: Method, path: string, body?: object): Promise<Outcome<Body>>;
  /** A token for the first frame of the event socket. */
  socketToken(): Promise<{ readonly token: string } | 'refused' | 'unreachable'>;
  signOut(): Promise<void>;
}

/** With an API key: for integrations, administrators and machines without local users. */
export class KeySession implements Session {
  private readonly fetch: DeskFetch;
  private readonly key: string;

  constructor(fetch: DeskFetch, key: string) {
    this.fetch = fetch;
    this.key = key;
  }

  ask<Body>(method: Method, path: string, body?: object): Promise<Outcome<Body>> {
    return request<Body>(this.fetch, method, path, { authorization: `Bearer ${this.key}`, body });
  }

  async socketToken(): Promise<{ readonly token: string }> {
    return { token: this.key };
  }

  async signOut(): Promise<void> {
    // A key is not a session: there is nothing to end.
  }
}
