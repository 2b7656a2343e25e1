import type { DeskEvent } from '../client/frames.ts';
import { eventSummaries } from '../generated/event-summaries.ts';
import type { WordKey } from './en.ts';
import { type Language, type Say, sayIn } from './words.ts';

/** Names of agents and queues, by id. */
export interface Names {
  agent(id: string): string;
  queue(id: string): string;
}

const withCall: Partial<Record<DeskEvent['type'], WordKey>> = {
  'call.arrived.v1': 'callArrived',
  'call.customer.updated.v1': 'callCustomer',
  'call.queued.v1': 'callQueued',
  'call.offered.v1': 'callOffered',
  'call.offer.ringing.v1': 'callRinging',
  'call.offer.ended.v1': 'callOfferEnded',
  'call.answered.v1': 'callAnswered',
  'call.connected.v1': 'callConnected',
  'call.data.updated.v1': 'callData',
  'call.held.v1': 'callHeld',
  'call.resumed.v1': 'callResumed',
  'call.transferred.v1': 'callTransferred',
  'call.overflowed.v1': 'callOverflowed',
  'call.wrapup.started.v1': 'callWrapUp',
  'call.ended.v1': 'callEnded',
};

const withNode: Partial<Record<DeskEvent['type'], WordKey>> = {
  'pbx.link.lost.v1': 'pbxLost',
  'pbx.link.restored.v1': 'pbxRestored',
  'pbx.restarted.v1': 'pbxRestarted',
  'pbx.reconciled.v1': 'pbxReconciled',
};

/** One event as a line that a person reads. */
export function eventText(event: DeskEvent, language: Language, names: Names): string {
  const say = sayIn(language);
  const { data } = event;
  const summary = eventSummaries[event.type]?.[language] ?? event.type;
  if (event.type === 'stream.gap.v1') return say('streamGap');
  const nodeWord = withNode[event.type];
  if (nodeWord && 'nodeId' in data) return say(nodeWord, { node: data.nodeId });
  if ('agent' in data) return say('agentChanged', { agent: data.agent.name, state: presenceText(data.agent, say) });
  if (!('call' in data)) return summary;
  const { callerNumber: number, dialledNumber: dialled, queueId = '', customer } = data.call;
  return say(withCall[event.type] ?? 'callOther', {
    number,
    dialled,
    summary,
    queue: names.queue(queueId),
    agent: 'agentId' in data && data.agentId !== undefined ? names.agent(data.agentId) : '',
    who: customer?.name ?? say('customerUnknown'),
    outcome: event.type === 'call.offer.ended.v1' ? say(`outcome_${event.data.outcome}`) : '',
    reason: reasonOf(event, say),
  });
}

function reasonOf(event: DeskEvent, say: Say): string {
  if (event.type === 'call.ended.v1') return say(`end_${event.data.reason}`);
  return event.type === 'call.overflowed.v1' ? event.data.reason : '';
}

const pauseReasons: Readonly<Record<string, WordKey>> = {
  break: 'pauseBreak',
  lunch: 'pauseLunch',
  meeting: 'pauseMeeting',
  training: 'pauseTraining',
  noAnswer: 'pauseNoAnswer',
};

/** The reasons that the page offers for a pause; another one that came by the API is shown as it is. */
export const offeredPauses = ['break', 'lunch', 'meeting', 'training'] as const;

export function pauseText(reason: string, say: Say): string {
  const key = pauseReasons[reason];
  return key ? say(key) : reason;
}

export function presenceText(
  agent: { readonly presence: 'signedOut' | 'available' | 'paused'; readonly pauseReason?: string },
  say: Say,
): string {
  if (agent.presence === 'signedOut') return say('presenceSignedOut');
  if (agent.presence === 'available') return say('presenceAvailable');
  return agent.pauseReason === undefined
    ? say('presencePaused')
    : say('pausedBecause', { reason: pauseText(agent.pauseReason, say) });
}

/** What an agent has in hand beside calls, by channel: `chat 2, mail 1`; undefined when nothing. */
export function contactsText(
  { contacts = [] }: { readonly contacts?: readonly { readonly channel: string }[] },
  say: Say,
): string | undefined {
  const counts = new Map<string, number>();
  for (const { channel } of contacts) counts.set(channel, (counts.get(channel) ?? 0) + 1);
  if (counts.size === 0) return undefined;
  return say('agentContacts', { contacts: [...counts].map(([channel, count]) => `${channel} ${count}`).join(', ') });
}
