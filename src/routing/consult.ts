import type { OfferToken } from '../call/index.ts';
import type { Agent } from '../agents/index.ts';
import { specOf } from './asking.ts';
import { explain } from './explain.ts';
import type { Floor } from './floor.ts';
import { forChannel, takeTurn, whoCould } from './matching.ts';
import { enterStep } from './progress.ts';
import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest } from './request.ts';
import { nobody } from './waiting-call.ts';

/**
 * Reserves an agent whom another one asks for advice: the same rules as for an offer, but nobody waits in line. Who is
 * not free now is not asked. The call itself stays where it is.
 */
export function reserveForConsult(floor: Floor, request: RoutingRequest, nowMs: number): void {
  const asking = floor.callFor(request, nowMs);
  if (!asking || floor.signatures.isClosed(request.nodeId)) return;
  enterStep(floor, asking, 0, nowMs);
  const signature = floor.signatures.of(specOf(asking, floor.book));
  const found = whoCould(floor, signature, { length: 1, excluded: nobody }, nowMs);
  const [slot] = found.best;
  if (!slot) return;
  const { id: queueId, ringTimeoutMs } = queueOf(floor, slot, asking.rules.policy);
  const explained = explain(floor, asking, found, nowMs);
  const plain: OfferToken = {
    callId: request.callId,
    agentId: slot.id,
    attempt: request.attempts + 1,
    epoch: floor.epoch,
    expiresAtMs: nowMs + ringTimeoutMs,
  };
  const token = forChannel(plain, signature);
  takeTurn(asking, signature, slot);
  floor.change(slot, { kind: 'offered', token }, nowMs);
  const endpoint = slot.endpoint;
  const explanation = { ...explained, rule: 'consult', orderKey: nowMs };
  floor.outputs.push({ kind: 'consult', token, queueId, endpoint, ringTimeoutMs, explanation });
}

/** Who is asked by name and serves other queues than the call's works by the first of its own. */
function queueOf(floor: Floor, { profile }: Agent, asked: QueuePolicy): QueuePolicy {
  const [first] = profile.queues;
  if (profile.queues.includes(asked.id) || first === undefined) return asked;
  return floor.book.find(undefined, first)?.policy ?? asked;
}
