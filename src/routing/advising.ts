import { explain, survey } from './explain.ts';
import type { Floor } from './floor.ts';
import type { RoutingRequest } from './request.ts';

/**
 * Decides for a call that the dialplan rings through itself, as for one of ours that comes now. Whoever is free serves
 * nobody who waits, or would have been offered that call: advice overtakes no one. The agent is not given away again
 * until `holdMs` have passed; that end needs no message from anybody.
 */
export function advise(floor: Floor, request: RoutingRequest, holdMs: number, nowMs: number): void {
  const call = floor.callFor(request, nowMs);
  if (!call) return;
  const found = survey(call, floor.agents.values(), nowMs);
  const [agent] = found.able;
  if (!agent) return;
  const { id: agentId, endpoint } = agent.profile;
  const { callId } = request;
  const { ringTimeoutMs } = call.policy;
  const explanation = explain(call, found, nowMs);
  const untilMs = nowMs + holdMs;
  floor.change(agentId, { kind: 'advised', callId, untilMs }, nowMs);
  floor.due.add({ kind: 'agentReady', id: agentId, atMs: untilMs });
  floor.outputs.push({ kind: 'advised', callId, agentId, endpoint, ringTimeoutMs, untilMs, explanation });
}
