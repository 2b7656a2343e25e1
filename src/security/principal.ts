/** Who somebody is to us. Agents act for themselves only; a `pbx` is a dialplan that asks. */
export const roleNames = ['agent', 'supervisor', 'admin', 'integration', 'pbx'] as const;
export type Role = (typeof roleNames)[number];

/** Who asks: the owner of a key, or a person who signed in, with the rights that it carries. */
export interface Principal {
  /** A key's id, or `user:` and the user's. */
  readonly id: string;
  readonly kind: Role;
  /** The only agent that an `agent` principal may act for; whom others act for unless they name another. */
  readonly agentId?: string;
  readonly scopes: readonly string[];
}

/** A principal with the sitting in which a person acts. */
export interface Identity {
  readonly principal: Principal;
  /** Absent for API keys. */
  readonly session?: SessionRef;
}

export interface SessionRef {
  readonly id: string;
  readonly userId: string;
  /** When the token that was shown expires, Unix milliseconds. */
  readonly expiresAtMs: number;
}
