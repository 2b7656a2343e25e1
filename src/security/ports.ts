import type { Role } from './principal.ts';

/** A person who may sign in, as stored. */
export interface UserRecord {
  /** Letters, digits, `.`, `_`, `@`, `-`. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The agent as whom the person takes calls. */
  readonly agentId?: string;
  /** As `hashPassword` makes it. */
  readonly password: string;
  readonly disabled: boolean;
  /** Grows with each change that must end the sessions begun before it. */
  readonly generation: number;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
}

export type UserChange = Partial<Pick<UserRecord, 'name' | 'roles' | 'agentId' | 'password' | 'disabled'>>;

/** One sitting: begun by a password, kept alive by refresh tokens of which each is good once. */
export interface SessionRecord {
  readonly id: string;
  readonly userId: string;
  /** The user's, at the beginning. */
  readonly generation: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** A session that stands, with its user. */
export interface Standing {
  readonly session: SessionRecord;
  readonly user: UserRecord;
}

export type Rotation =
  | ({ readonly kind: 'rotated' } & Standing)
  | { readonly kind: 'unknown' }
  /** The token was good once and was used; its session has been ended by this call. */
  | { readonly kind: 'reused'; readonly sessionId: string; readonly userId: string }
  | { readonly kind: 'ended'; readonly sessionId: string };

export interface TokenKeyRecord {
  readonly id: string;
  /** 32 bytes, base64url. */
  readonly secret: string;
  readonly createdAtMs: number;
}

/** Users, their sessions and the keys of their tokens. Every method rejects with `storage.unavailable` when it cannot. */
export interface IdentityStore {
  user(id: string): Promise<UserRecord | undefined>;
  users(): Promise<readonly UserRecord[]>;
  /** False when the id is taken. */
  addUser(user: UserRecord): Promise<boolean>;
  /** Changes a user; `endSessions` makes all sessions begun before invalid. False when there is no such user. */
  changeUser(
    id: string,
    change: UserChange,
    how: { readonly atMs: number; readonly endSessions: boolean },
  ): Promise<boolean>;
  removeUser(id: string): Promise<boolean>;
  /** Begins a session with its first refresh token; ends the user's oldest beyond `sessionsMax`. */
  beginSession(session: SessionRecord, refreshHash: string, sessionsMax: number): Promise<void>;
  /** Trades a refresh token for the next, in one transaction, so that of two who try one wins. */
  rotate(usedHash: string, nextHash: string, atMs: number): Promise<Rotation>;
  endSession(id: string, atMs: number): Promise<void>;
  /** Those of the sessions that stand at this time. */
  standing(ids: readonly string[], atMs: number): Promise<readonly Standing[]>;
  /** Forgets sessions that expired or ended before the time, with their refresh tokens. */
  pruneSessions(beforeMs: number): Promise<number>;
  tokenKeys(): Promise<readonly TokenKeyRecord[]>;
  /** Adds a key and forgets those made before `forgetBeforeMs`. */
  addTokenKey(key: TokenKeyRecord, forgetBeforeMs: number): Promise<void>;
}
