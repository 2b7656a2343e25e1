import type { Agent } from '../agents/index.ts';
import {
  type Call,
  type CallEvent,
  type Consult,
  callerInBridge,
  type CustomerResult,
  offersOf,
  partyAgentId,
  soleOffer,
  type ToldEvent,
  type DecisionExplanation,
} from '../call/index.ts';
import type { AgentViewData, CallViewData, CustomerCardData, EventData } from '../events/catalogue/index.ts';
import type { CallbackWish, NewEvent, OutboundCall } from './ports.ts';

/** A call as the catalogue publishes it. */
export function callView(call: Call, priority: number): CallViewData {
  const agentId = soleOffer(call)?.token.agentId ?? call.talk?.agentId;
  const offered = offersOf(call);
  return {
    id: call.id,
    version: call.version,
    phase: call.phase,
    phaseSinceMs: call.phaseSinceMs,
    nodeId: call.nodeId,
    callerNumber: call.callerNumber,
    dialledNumber: call.dialledNumber,
    ...(call.language === undefined ? {} : { language: call.language }),
    entryId: call.entryId,
    ...(call.queueId === undefined ? {} : { queueId: call.queueId }),
    ...(agentId === undefined ? {} : { agentId }),
    ...(offered.length > 1 ? { offeredTo: offered.map(({ token }) => token.agentId) } : {}),
    ...(call.consult ? { consult: consultView(call, call.consult) } : {}),
    ...(call.recording ? { recording: call.recording.stage } : {}),
    ...(call.talk?.muted ? { muted: true } : {}),
    priority,
    enteredAtMs: call.enteredAtMs,
    ...(call.queuedAtMs === undefined ? {} : { queuedAtMs: call.queuedAtMs }),
    ...(call.resumedMs === undefined ? {} : { resumedMs: call.resumedMs }),
    ...(call.customer ? { customer: customerBrief(call.customer) } : {}),
    data: { ...call.data },
    ...(call.disposition === undefined ? {} : { disposition: call.disposition }),
    ...(call.menuPath ? { menuPath: [...call.menuPath] } : {}),
    ...(call.rulesVersion === undefined ? {} : { rulesVersion: call.rulesVersion }),
    ...(call.placed ? { placedBy: call.placed.rule } : {}),
    ...(call.direction === undefined ? {} : { direction: call.direction }),
  };
}

function consultView(call: Call, { stage, joined, muted }: Consult): NonNullable<CallViewData['consult']> {
  const agentId = partyAgentId(call);
  const withCaller = callerInBridge(call);
  const state = stage !== 'answered' ? stage : !joined ? 'waiting' : withCaller ? 'conference' : 'private';
  return { ...(agentId === undefined ? {} : { agentId }), state, ...(muted ? { muted: true } : {}) };
}

export function customerBrief({ status, customer }: CustomerResult): NonNullable<CallViewData['customer']> {
  if (!customer) return { status };
  const { id, name, tier, vip } = customer;
  return { status, id, name, vip, ...(tier === undefined ? {} : { tier }) };
}

/** The whole card. The catalogue's arrays are mutable types; the data is shared, not copied, and nobody writes to it. */
export function customerCard(result: CustomerResult): CustomerCardData {
  return result as CustomerCardData;
}

export function explanationView(explanation: DecisionExplanation): EventData<'call.offered.v1'>['explanation'] {
  const { candidates, excluded, step, ...rest } = explanation;
  const told = { ...rest, candidates: [...candidates], excluded: [...excluded] };
  return step === undefined ? told : { ...told, step };
}

export function agentView(agent: Agent): AgentViewData {
  const { profile } = agent;
  return {
    id: profile.id,
    version: agent.version,
    name: profile.name,
    presence: agent.presence,
    ...(agent.pauseReason === undefined ? {} : { pauseReason: agent.pauseReason }),
    ...(agent.pauseProductive === undefined ? {} : { pauseProductive: agent.pauseProductive }),
    ...(agent.changedBy === undefined ? {} : { changedBy: agent.changedBy }),
    routing: agent.routing,
    device: agent.device,
    ...phonesView(agent),
    ...(agent.callId === undefined ? {} : { callId: agent.callId }),
    ...(agent.contacts ? { contacts: agent.contacts.map((contact) => ({ ...contact })) } : {}),
    sinceMs: agent.sinceMs,
    ...(agent.wrapUpUntilMs === undefined ? {} : { wrapUpUntilMs: agent.wrapUpUntilMs }),
    ...(agent.wrapUpMaxUntilMs === undefined ? {} : { wrapUpMaxUntilMs: agent.wrapUpMaxUntilMs }),
    skills: { ...profile.skills },
    queues: [...profile.queues],
  };
}

/** Of who has several phones: each with its state, and which one the agent chose. */
function phonesView({ profile, devices = {}, chosenDevice }: Agent): Pick<AgentViewData, 'devices' | 'chosenDevice'> {
  if (!profile.devices) return {};
  return {
    devices: profile.devices.map(({ id, endpoint }) => ({ id, state: devices[endpoint] ?? 'unknown' })),
    ...(chosenDevice === undefined ? {} : { chosenDevice }),
  };
}

/** An outbound call whose customer is not reached yet, as whoever wanted it is asked about it. */
export function outboundCall({ id, callerNumber, outbound }: Call): OutboundCall {
  return { callId: id, number: callerNumber, byAgent: outbound?.byAgent ?? false, jobId: outbound?.jobId };
}

/** What a caller leaves behind who would rather be called back; undefined for one who waits nowhere. */
export function callbackWish(
  { id, queueId, entryId, queuedAtMs, data }: Call,
  number: string,
  { priority }: { readonly priority: number },
): CallbackWish | undefined {
  if (queueId === undefined || queuedAtMs === undefined) return undefined;
  return { callId: id, number, queueId, entryId, queuedAtMs, priority, data };
}

/** An event of a call in its published form. */
export function publishedEvent(told: ToldEvent<Call>, priority: number, atMs: number, reconciled: boolean): NewEvent {
  const { type, ...detail }: CallEvent = told.event;
  return {
    type,
    subject: `call/${told.call.id}`,
    atMs,
    callSequence: told.call.version,
    data: { call: callView(told.call, priority), ...detail },
    ...(reconciled ? { reconciled: true } : {}),
  };
}
