import type { Role } from './principal.ts';
import { type Scope, scopeNames } from './scopes.ts';

/** `has`: a person of the role holds the scope. `may`: an API key of the role can be given it. Else: never. */
type Grant = 'has' | 'may';

/**
 * Which role holds which right; docs/security.md shows this table, and a test holds the two together.
 * An admin has every scope. Numbers in full are nobody's by role: who needs one asks for it with a reason (`calls:reveal`),
 * and a connector that works by numbers gets a key that says so.
 */
const table: Readonly<Record<Scope, Readonly<Partial<Record<Role, Grant>>>>> = {
  'events:read': { agent: 'has', supervisor: 'has', integration: 'has' },
  'events:read:pii': { agent: 'may', supervisor: 'may', integration: 'may' },
  'calls:read': { agent: 'has', supervisor: 'has', integration: 'has' },
  'calls:control': { agent: 'has', supervisor: 'has', integration: 'has' },
  'calls:reveal': { agent: 'has', supervisor: 'has', integration: 'may' },
  'agents:read': { agent: 'has', supervisor: 'has', integration: 'has' },
  'agents:control': { agent: 'has', supervisor: 'has', integration: 'has' },
  'agents:manage': { supervisor: 'has', integration: 'may' },
  'queues:read': { agent: 'has', supervisor: 'has', integration: 'has' },
  'lookup:read': { agent: 'may', supervisor: 'has', integration: 'has', pbx: 'may' },
  'lookup:write': { integration: 'has' },
  'tickets:read': { agent: 'has', supervisor: 'has', integration: 'has' },
  'tickets:write': { agent: 'has', supervisor: 'has', integration: 'has' },
  'recordings:read': { supervisor: 'has', integration: 'may' },
  'rules:read': { supervisor: 'has', integration: 'may' },
  'rules:write': { integration: 'may' },
  'adapters:admin': {},
  'events:admin': {},
  'audit:read': { supervisor: 'may', integration: 'may' },
  'outbound:read': { supervisor: 'has', integration: 'has' },
  'outbound:write': { supervisor: 'has', integration: 'may' },
  'dialplan:route': { pbx: 'has', integration: 'may' },
  'metrics:read': { supervisor: 'has', integration: 'has' },
};

/** How a role comes to a scope; undefined when it cannot. */
export function grantOf(role: Role, scope: Scope): Grant | undefined {
  return role === 'admin' ? 'has' : table[scope][role];
}

/** The scopes that a person with these roles holds. */
export function scopesOf(roles: readonly Role[]): readonly Scope[] {
  return scopeNames.filter((scope) => roles.some((role) => grantOf(role, scope) === 'has'));
}

/** The role by which somebody with several acts: the widest, since a supervisor who also takes calls still supervises. */
export function widest(roles: readonly Role[]): Role {
  const order: readonly Role[] = ['admin', 'supervisor', 'integration', 'pbx'];
  return order.find((role) => roles.includes(role)) ?? 'agent';
}
