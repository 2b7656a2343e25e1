import type { Static } from '../../schema/index.ts';
import { callbackEvents } from './callback-events.ts';
import { entryEvents } from './entry-events.ts';
import { queueEvents } from './queue-events.ts';
import { talkEvents } from './talk-events.ts';
import { outboundEvents } from './outbound-events.ts';
import { recordingEvents } from './recording-events.ts';
import { ticketEvents } from './ticket-events.ts';
import { siteEvents } from './site-events.ts';
import { JobView } from './job-view.ts';
import type { EventSpec } from './spec.ts';
import { AgentView, CallView, CustomerCard, QueueView, RecordingView, TicketView } from './views.ts';

export type { EventSpec } from './spec.ts';

/**
 * The one list of event types, by family. A type that is not here cannot be published; AsyncAPI is generated from it.
 * A change that readers would notice gets a new version suffix beside the old one.
 */
export const catalogue = {
  ...entryEvents,
  ...queueEvents,
  ...talkEvents,
  ...outboundEvents,
  ...callbackEvents,
  ...recordingEvents,
  ...ticketEvents,
  ...siteEvents,
} as const satisfies Record<string, EventSpec>;

export type EventType = keyof typeof catalogue;
export type EventData<T extends EventType> = Static<(typeof catalogue)[T]['data']>;
export type JobViewData = Static<typeof JobView>;
export type CallViewData = Static<typeof CallView>;
export type AgentViewData = Static<typeof AgentView>;
export type RecordingViewData = Static<typeof RecordingView>;
export type QueueViewData = Static<typeof QueueView>;
export type TicketViewData = Static<typeof TicketView>;
export type CustomerCardData = Static<typeof CustomerCard>;
export { AgentView, CallView, CustomerCard, JobView, QueueView, RecordingView, TicketView };

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(catalogue, type);
}
