import type { LogEvent } from './event.ts';

/** What a subscriber wants. Each list narrows; an absent one does not. Values of one list are alternatives. */
export interface EventFilter {
  /** Type prefixes that end at a dot or at the full name: `call.`, `call.offer.`, `agent.state.v1`. */
  readonly types?: readonly string[];
  readonly agents?: readonly string[];
  readonly queues?: readonly string[];
  readonly calls?: readonly string[];
}

/** Announcements about the stream itself reach everybody: whoever filters them out would not learn of a gap. */
const streamPrefix = 'stream.';

export function matches(filter: EventFilter, event: LogEvent): boolean {
  if (event.type.startsWith(streamPrefix)) return true;
  const { types, agents, queues, calls } = filter;
  if (types && !types.some((prefix) => hasPrefix(event.type, prefix))) return false;
  if (!agents && !queues && !calls) return true;
  const { agentIds, queueId, callId } = event.keys;
  if (agents && !agentIds.some((id) => agents.includes(id))) return false;
  if (queues && (queueId === undefined || !queues.includes(queueId))) return false;
  return !calls || (callId !== undefined && calls.includes(callId));
}

/** `call.offer` and `call.offer.` both mean the family; `call.off` means nothing. */
export function hasPrefix(type: string, prefix: string): boolean {
  if (!type.startsWith(prefix)) return false;
  return type.length === prefix.length || prefix.endsWith('.') || type[prefix.length] === '.';
}

/** Whether events of a family can pass, e.g. `call`: decides what a snapshot holds. */
export function admitsFamily(filter: EventFilter, family: string): boolean {
  const types = filter.types;
  return !types || types.some((prefix) => prefix === family || prefix.startsWith(`${family}.`));
}
