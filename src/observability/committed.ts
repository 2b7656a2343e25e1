import type { EventData, EventType } from '../events/catalogue/index.ts';
import type { Logger } from '../kernel/index.ts';
import type { Metrics } from './metrics.ts';

/** A committed event, as far as watching needs it. */
export type WatchedEvent = { readonly [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType];

/** Counts committed events: calls by entry and outcome, offers by outcome, waits. */
export function countEvent(metrics: Metrics, event: WatchedEvent): void {
  metrics.eventsCommitted.inc({ type: event.type });
  switch (event.type) {
    case 'call.arrived.v1':
      return metrics.callsArrived.inc({ entry: event.data.call.entryId });
    case 'call.ended.v1':
      return metrics.callsEnded.inc({ entry: event.data.call.entryId, reason: event.data.reason });
    case 'call.overflowed.v1':
      return metrics.callsOverflowed.inc({ reason: event.data.reason });
    case 'call.offer.ended.v1':
      return metrics.offers.inc({ outcome: event.data.outcome });
    case 'call.answered.v1':
      return metrics.offers.inc({ outcome: 'answered' });
    case 'call.connected.v1':
      return metrics.callerWait.observe(event.data.waitedMs / 1000);
    case 'pbx.link.lost.v1':
      return metrics.pbxLink.set({ node: event.data.nodeId, link: event.data.link }, 0);
    case 'pbx.link.restored.v1':
      return metrics.pbxLink.set({ node: event.data.nodeId, link: event.data.link }, 1);
    case 'stream.gap.v1':
      return metrics.eventsLost.inc(event.data.lost);
  }
}

/** One line for each thing decided about a call, with its id; nothing personal but under `pii`. */
export function logDecision(logger: Logger, event: WatchedEvent): void {
  switch (event.type) {
    case 'call.arrived.v1': {
      const { id, entryId, nodeId, callerNumber } = event.data.call;
      return logger.info({ callId: id, entryId, nodeId, pii: { callerNumber } }, 'call arrived');
    }
    case 'call.queued.v1': {
      const { id, queueId, priority } = event.data.call;
      return logger.info({ callId: id, queueId, priority, reason: event.data.reason }, 'call queued');
    }
    case 'call.offered.v1': {
      const { call, agentId, attempt, mode, customer, explanation } = event.data;
      const { rule, waitedMs, considered } = explanation;
      const fields = { callId: call.id, queueId: call.queueId, agentId, attempt, mode, customer: customer.status };
      return logger.info({ ...fields, rule, waitedMs, considered }, 'call offered');
    }
    case 'call.offer.ended.v1': {
      const { call, agentId, attempt, outcome } = event.data;
      return logger.info({ callId: call.id, agentId, attempt, outcome }, 'offer ended');
    }
    case 'call.connected.v1': {
      const { call, agentId, waitedMs } = event.data;
      return logger.info({ callId: call.id, agentId, waitedMs }, 'call connected');
    }
    case 'call.transferred.v1': {
      const { call, agentId, target } = event.data;
      return logger.info({ callId: call.id, agentId, target }, 'call transferred');
    }
    case 'call.overflowed.v1': {
      const { call, target, reason } = event.data;
      return logger.info({ callId: call.id, target, reason }, 'call overflowed');
    }
    case 'call.ended.v1': {
      const { call, reason, waitedMs, talkMs, holdMs, attempts } = event.data;
      return logger.info({ callId: call.id, reason, waitedMs, talkMs, holdMs, attempts }, 'call ended');
    }
  }
}
