import type { Principal } from './principal.ts';

/** The rights that a key can hold, and what each allows. */
export const scopes = {
  'events:read': 'Subscribe to events and take snapshots, numbers masked',
  'events:read:pii': 'The same with numbers in full; also unmasks the answers of the API',
  'events:admin': 'List durable consumers of events and remove one',
  'calls:read': 'List calls and read one',
  'calls:control':
    'Dial, accept, reject, hold, resume, transfer, ask others, mute, send keypad tones, hang up, attach data, say what came of it',
  'calls:reveal': 'See the number of one call in full, with a reason that is kept',
  'agents:read': 'List agents and read one',
  'agents:control': 'Sign in and out, set state, choose the phone, extend and end wrap-up',
  'agents:manage': 'Give agents other skills than the configured ones',
  'queues:read': 'List queues and read one',
  'lookup:read': 'Ask who a number belongs to',
  'lookup:write': 'Tell that the CRM made or changed a customer',
  'outbound:read': 'Read jobs of calling out and the do-not-call list',
  'outbound:write': 'Have customers called, cancel that, change the do-not-call list',
  'dialplan:route': 'Ask where a call should go; for the dialplan of a PBX',
  'tickets:read': 'Read tickets',
  'tickets:write': 'Create, change and link tickets',
  'recordings:read': 'Download recordings',
  'adapters:admin': 'Check and change CRM and ticket adapters',
  'rules:read': 'Ask who would get a call and why; list versions of the rules',
  'rules:write': 'Reload the configuration; promote and roll back rules',
  'audit:read': 'Read the audit log',
  'metrics:read': 'Read the metrics',
} as const;

export type Scope = keyof typeof scopes;

export const scopeNames = Object.keys(scopes) as Scope[];

/** True when the principal holds the scope itself or the wider one that ends in `:pii`. An admin holds every scope. */
export function mayUse(principal: Principal, scope: Scope): boolean {
  if (principal.kind === 'admin') return true;
  return principal.scopes.includes(scope) || principal.scopes.includes(`${scope}:pii`);
}
