import type { Call, Customer } from '../call/index.ts';

/** What conditions and texts of ticket rules may ask about; `src/rules` has the words for the types. */
export const ticketFactTypes = {
  call: {
    id: 'string',
    entry: 'string',
    queue: 'string',
    agent: 'string',
    callerNumber: 'string',
    dialledNumber: 'string',
    language: 'string',
    direction: 'string',
    reason: 'string',
    outcome: 'string',
    waitedMs: 'int',
    talkMs: 'int',
    holdMs: 'int',
    attempts: 'int',
    voicemail: 'string',
    data: 'map',
  },
  customer: {
    status: 'string',
    known: 'bool',
    id: 'string',
    name: 'string',
    tier: 'string',
    value: 'double',
    vip: 'bool',
    blacklisted: 'bool',
    tags: 'list',
    region: 'string',
    churnRisk: 'string',
    openTickets: 'int',
  },
} as const;

export interface TicketFacts {
  readonly call: ReturnType<typeof callFacts>;
  readonly customer: ReturnType<typeof customerFacts>;
}

/** The facts of a call that has ended, or stands. What is not known is empty, so that no rule stumbles over it. */
export function ticketFacts(call: Call): TicketFacts {
  return { call: callFacts(call), customer: customerFacts(call) };
}

function callFacts(call: Call) {
  return {
    id: call.id,
    entry: call.entryId,
    queue: call.queueId ?? '',
    agent: call.talk?.agentId ?? '',
    callerNumber: call.callerNumber,
    dialledNumber: call.dialledNumber,
    language: call.language ?? call.customer?.customer?.language ?? '',
    direction: call.direction ?? 'inbound',
    reason: call.endReason ?? '',
    outcome: call.disposition ?? call.data['outcome'] ?? '',
    waitedMs: call.waitedMs ?? 0,
    talkMs: call.talkedMs,
    holdMs: call.heldMs,
    attempts: call.attempts,
    /** The recording of the message that was left. */
    voicemail: call.voicemail?.outcome === 'left' ? (call.voicemail.recordingId ?? '') : '',
    data: call.data,
  };
}

const nobody = {
  id: '',
  name: '',
  tier: '',
  value: 0,
  vip: false,
  blacklisted: false,
  tags: [],
  region: '',
  churnRisk: '',
  openTickets: [],
} satisfies Partial<Record<keyof Customer, unknown>>;

function customerFacts({ customer: card }: Call) {
  const { status = 'none', customer } = card ?? {};
  const { id, name, tier, value, vip, blacklisted, tags, region, churnRisk, openTickets } = { ...nobody, ...customer };
  return {
    status,
    known: customer !== undefined,
    id,
    name,
    tier,
    value,
    vip,
    blacklisted,
    tags,
    region,
    churnRisk,
    openTickets: openTickets.length,
  };
}
