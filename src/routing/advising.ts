import { specOf } from './asking.ts';
import { explain } from './explain.ts';
import type { Floor } from './floor.ts';
import { takeTurn, whoCould } from './matching.ts';
import { enterStep } from './progress.ts';
import type { RoutingRequest } from './request.ts';
import { nobody } from './waiting-call.ts';

/**
 * Decides for a call that the dialplan rings through itself, as for one of ours that comes now. Whoever is free serves
 * nobody who waits, or would have been offered that call: advice overtakes no one. The agent is not given away again
 * until `holdMs` have passed; that end needs no message from anybody.
 */
export function advise(floor: Floor, request: RoutingRequest, holdMs: number, nowMs: number): void {
  const call = floor.callFor(request, nowMs);
  if (!call) return;
  enterStep(floor, call, 0, nowMs);
  const signature = floor.signatures.of(specOf(call, floor.book));
  const found = whoCould(floor, signature, { length: 1, excluded: nobody }, nowMs);
  const [slot] = found.best;
  if (!slot) return;
  const agentId = slot.id;
  const endpoint = slot.endpoint;
  const { callId } = request;
  const { ringTimeoutMs } = call.rules.policy;
  const explanation = explain(floor, call, found, nowMs);
  takeTurn(call, signature, slot);
  const untilMs = nowMs + holdMs;
  floor.change(slot, { kind: 'advised', callId, untilMs }, nowMs);
  floor.outputs.push({ kind: 'advised', callId, agentId, endpoint, ringTimeoutMs, untilMs, explanation });
}
