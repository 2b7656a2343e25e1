import { customerBrief, customerCard, type CallDetail } from '../bridge/index.ts';
import type { NewEvent } from '../bridge/ports.ts';
import type { CallViewData, QueueViewData } from '../events/catalogue/index.ts';
import type { MirroredCall, MirroredEvent, MirroredTold, QueueMirror } from './core/index.ts';

/** Who routes these calls; stands for the entry that they did not come by, too, and for who paused an agent at the PBX. */
export const routedBy = 'app_queue';

/** A mirrored call as the catalogue publishes calls. */
export function callView(call: MirroredCall): CallViewData {
  const shown = call.offers.filter(({ told }) => told).map(({ party }) => party.id);
  const agentId = call.talk?.party.id ?? (shown.length === 1 ? shown[0] : undefined);
  return {
    id: call.id,
    version: call.version,
    phase: call.phase,
    phaseSinceMs: call.phaseSinceMs,
    nodeId: call.nodeId,
    callerNumber: call.callerNumber,
    dialledNumber: call.dialledNumber,
    entryId: routedBy,
    queueId: call.queueId,
    ...(agentId === undefined ? {} : { agentId }),
    ...(shown.length > 1 ? { offeredTo: shown } : {}),
    priority: 0,
    enteredAtMs: call.enteredAtMs,
    queuedAtMs: call.queuedAtMs,
    ...(call.customer ? { customer: customerBrief(call.customer) } : {}),
    data: {},
    routedBy,
  };
}

export const detailOf = (call: MirroredCall, isStale: boolean): CallDetail => ({
  call: isStale ? { ...callView(call), stale: true } : callView(call),
  ...(call.customer ? { customer: customerCard(call.customer) } : {}),
});

/** Members stand in for agents: most of them may be nobody's that we know. */
export function queueView(mirror: QueueMirror, id: string, nowMs: number): QueueViewData {
  const { waiting, offering, longestWaitMs, ...members } = mirror.figures(id, nowMs);
  const agentsSignedIn = members.total - members.away;
  return { id, waiting, offering, longestWaitMs, agentsIdle: members.free, agentsSignedIn, members, routedBy };
}

export function publishedEvent(
  { call, event }: MirroredTold,
  ringMaxMs: number,
  atMs: number,
  inferred: boolean,
): NewEvent {
  return {
    type: event.type,
    subject: `call/${call.id}`,
    atMs,
    callSequence: call.version,
    data: { call: callView(call), ...detail(event, call, ringMaxMs) },
    ...(inferred ? { reconciled: true } : {}),
  };
}

function detail(event: MirroredEvent, call: MirroredCall, ringMaxMs: number): object {
  switch (event.type) {
    case 'call.offered.v1': {
      const { party, attempt, sinceMs } = event.offer;
      // Why app_queue chose this member it does not tell.
      const explanation = {
        rule: routedBy,
        waitedMs: event.waitedMs,
        orderKey: call.queuedAtMs,
        considered: 0,
        candidates: [],
        excluded: [],
      };
      const customer = customerCard(call.customer ?? { status: 'pending', source: 'nobody' });
      return { agentId: party.id, attempt, expiresAtMs: sinceMs + ringMaxMs, mode: 'ring', customer, explanation };
    }
    case 'call.offer.ended.v1':
      return { agentId: event.offer.party.id, attempt: event.offer.attempt, outcome: event.outcome };
    case 'call.customer.updated.v1':
      return { customer: customerCard(event.customer), late: event.late };
    case 'call.ended.v1': {
      const { type: _, ...rest } = event;
      return { ...rest, holdMs: 0 };
    }
    default: {
      const { type: _, ...rest } = event;
      return rest;
    }
  }
}
