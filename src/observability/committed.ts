import type { EventData, EventType } from '../events/catalogue/index.ts';
import type { Logger } from '../kernel/index.ts';
import type { Metrics } from './metrics.ts';

/** A committed event, as far as watching needs it. */
export type WatchedEvent = { readonly [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType];

/** What is done per event type; types that are not named are passed over. */
type Handlers<Context> = { readonly [T in EventType]?: (context: Context, data: EventData<T>) => void };

function handle<Context>(handlers: Handlers<Context>, context: Context, event: WatchedEvent): void {
  // The table pairs each type with its own data; TypeScript cannot follow that through a union.
  const handler = handlers[event.type] as ((context: Context, data: WatchedEvent['data']) => void) | undefined;
  handler?.(context, event.data);
}

/** Who routed: another router's figures are never added to ours. */
const routerOf = ({ routedBy }: { readonly routedBy?: string | undefined }): string => routedBy ?? 'ringmaster';

const counters: Handlers<Metrics> = {
  'call.arrived.v1': (metrics, { call }) => metrics.callsArrived.inc({ entry: call.entryId }),
  'call.ended.v1': (metrics, { call, reason }) => metrics.callsEnded.inc({ entry: call.entryId, reason }),
  'call.overflowed.v1': (metrics, { reason }) => metrics.callsOverflowed.inc({ reason }),
  'call.menu.left.v1': (metrics, { call, outcome }) => metrics.menus.inc({ entry: call.entryId, outcome }),
  'call.offer.ended.v1': (metrics, { call, outcome }) => metrics.offers.inc({ router: routerOf(call), outcome }),
  'call.answered.v1': (metrics, { call }) => metrics.offers.inc({ router: routerOf(call), outcome: 'answered' }),
  'call.connected.v1': (metrics, { call, waitedMs }) =>
    metrics.callerWait.observe({ router: routerOf(call) }, waitedMs / 1000),
  'pbx.link.lost.v1': (metrics, { nodeId, link }) => metrics.pbxLink.set({ node: nodeId, link }, 0),
  'pbx.link.restored.v1': (metrics, { nodeId, link }) => metrics.pbxLink.set({ node: nodeId, link }, 1),
  'pbx.reconciled.v1': (metrics, { nodeId: node, routedBy, kept, ended, adopted, swept }) => {
    for (const [what, count] of Object.entries({ kept, ended, adopted, swept })) {
      metrics.reconciled.inc({ node, router: routerOf({ routedBy }), what }, count);
    }
  },
  'stream.gap.v1': (metrics, { lost }) => metrics.eventsLost.inc(lost),
};

/** Counts a committed event: calls by entry and outcome, offers by outcome, waits, links, gaps. */
export function countEvent(metrics: Metrics, event: WatchedEvent): void {
  metrics.eventsCommitted.inc({ type: event.type });
  handle(counters, metrics, event);
}

const lines: Handlers<Logger> = {
  'route.advised.v1': (logger, { advice, customer, late }) => {
    const { callId, via, nodeId, entryId, action, reason, agentId, queueId, callerNumber } = advice;
    const what = { callId, via, nodeId, entryId, action, reason, agentId, queueId, customer: customer.status, late };
    logger.info({ ...what, pii: { callerNumber } }, late ? 'customer of an advised call found' : 'dialplan advised');
  },
  'call.arrived.v1': (logger, { call: { id, entryId, nodeId, callerNumber } }) =>
    logger.info({ callId: id, entryId, nodeId, pii: { callerNumber } }, 'call arrived'),
  'call.menu.left.v1': (logger, { call, menu, outcome, key, target }) =>
    logger.info({ callId: call.id, menu, outcome, key, target }, 'menu left'),
  'call.queued.v1': (logger, { call: { id, queueId, priority }, reason }) =>
    logger.info({ callId: id, queueId, priority, reason }, 'call queued'),
  'call.offered.v1': (logger, { call, agentId, attempt, mode, customer, explanation }) => {
    const { rule, waitedMs, considered } = explanation;
    const offer = { callId: call.id, queueId: call.queueId, agentId, attempt, mode, customer: customer.status };
    logger.info({ ...offer, rule, waitedMs, considered }, 'call offered');
  },
  'call.offer.ended.v1': (logger, { call, agentId, attempt, outcome }) =>
    logger.info({ callId: call.id, agentId, attempt, outcome }, 'offer ended'),
  'call.connected.v1': (logger, { call, agentId, waitedMs }) =>
    logger.info({ callId: call.id, agentId, waitedMs }, 'call connected'),
  'call.transferred.v1': (logger, { call, agentId, target }) =>
    logger.info({ callId: call.id, agentId, target }, 'call transferred'),
  'call.overflowed.v1': (logger, { call, target, reason }) =>
    logger.info({ callId: call.id, target, reason }, 'call overflowed'),
  'call.ended.v1': (logger, { call, reason, waitedMs, talkMs, holdMs, attempts }) =>
    logger.info({ callId: call.id, reason, waitedMs, talkMs, holdMs, attempts }, 'call ended'),
};

/** One line for each thing decided about a call, with its id; nothing personal but under `pii`. */
export function logDecision(logger: Logger, event: WatchedEvent): void {
  handle(lines, logger, event);
}
