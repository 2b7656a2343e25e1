import { mayUse, type Principal } from '../../security/index.ts';
import { type EventFilter, hasPrefix } from '../filter.ts';

export type Granted =
  | { readonly ok: true; readonly filter: EventFilter; readonly mayReadPii: boolean }
  | { readonly ok: false; readonly detail: string };

/**
 * What a principal gets of what it asks for. An agent sees what concerns itself: no agents named means its own, others
 * are refused; of figures those of the own queues. Everybody else may ask for anything.
 */
export function grant(
  principal: Principal,
  asked: EventFilter,
  queuesOf: (agentId: string) => readonly string[],
): Granted {
  if (!mayUse(principal, 'events:read')) return { ok: false, detail: 'the scope events:read is missing' };
  const mayReadPii = mayUse(principal, 'events:read:pii');
  if (principal.kind !== 'agent') return { ok: true, filter: asked, mayReadPii };
  const { agentId } = principal;
  if (agentId === undefined) return { ok: false, detail: 'the token names no agent' };
  if (onlyQueueFigures(asked)) {
    const own = queuesOf(agentId);
    if (asked.queues?.some((id) => !own.includes(id))) return { ok: false, detail: 'queues of others' };
    return { ok: true, filter: { ...asked, queues: asked.queues ?? [...own] }, mayReadPii };
  }
  if (asked.agents?.some((id) => id !== agentId)) return { ok: false, detail: "other agents' events" };
  return { ok: true, filter: { ...asked, agents: [agentId] }, mayReadPii };
}

function onlyQueueFigures({ types }: EventFilter): boolean {
  return types?.every((type) => hasPrefix(type, 'queue.')) ?? false;
}
