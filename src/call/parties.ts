import type { Call } from './call.ts';

/** The phone's own hold leaves the caller in the bridge; ours takes it out. */
export function callerInBridge({ phase, talk }: Call): boolean {
  return phase === 'talking' || phase === 'outside' || (phase === 'held' && talk?.heldBy === 'phone');
}

/** Who is to be in the call's bridge now, of the legs that are in conversation. */
export function bridgeLegsOf(call: Call): readonly string[] {
  const { consult, talk } = call;
  const legIds: string[] = [];
  if (callerInBridge(call)) legIds.push(call.callerLegId);
  if (talk && (call.phase === 'talking' || call.phase === 'held')) legIds.push(talk.legId);
  if (consult?.joined) legIds.push(consult.legId);
  return legIds;
}

/** Whom the agent asks has not answered yet. */
export const isAsking = ({ consult }: Call): boolean => consult !== undefined && consult.stage !== 'answered';

/** The agent who is asked, undefined for a number outside. */
export const partyAgentId = ({ consult }: Call): string | undefined =>
  consult?.party.kind === 'agent' ? consult.party.agentId : undefined;
