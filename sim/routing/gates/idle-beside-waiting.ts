import type { Day } from '../day.ts';
import type { LiveCall } from '../live-call.ts';
import { isFree, type SimAgent } from '../sim-agent.ts';

/**
 * Counts the moments at which an agent who may take a call is idle while that call waits and rings nowhere. People are
 * judged by what they do, not by what the engine thinks of them; only who rests after an offer is asked of the engine.
 */
export function idleBesideWaiting(): { readonly inspect: (day: Day) => void; readonly count: () => number } {
  let found = 0;
  return {
    inspect: (day) => {
      found += countNow(day);
    },
    count: () => found,
  };
}

function countNow(day: Day): number {
  const idle = day.agents.filter(isFree);
  if (idle.length === 0) return 0;
  const ringing = new Set(day.agents.map(({ token }) => token?.callId));
  let found = 0;
  for (const call of day.calls.values()) {
    if (call.talking || ringing.has(call.id)) continue;
    found += idle.filter((agent) => mayTake(day, agent, call)).length;
  }
  return found;
}

function mayTake(day: Day, { profile }: SimAgent, call: LiveCall): boolean {
  if (!profile.queues.includes(call.queueId) || call.refusedBy.has(profile.id)) return false;
  for (const [skill, level] of Object.entries(call.caller.callerClass.needs)) {
    if ((profile.skills[skill] ?? -1) < level) return false;
  }
  return (day.engine.agent(profile.id)?.cooldownUntilMs ?? 0) <= day.unixMs;
}
