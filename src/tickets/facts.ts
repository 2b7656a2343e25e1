import type { Call } from '../call/index.ts';

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
    reason: 'string',
    outcome: 'string',
    waitedMs: 'int',
    talkMs: 'int',
    holdMs: 'int',
    attempts: 'int',
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

export type TicketFacts = ReturnType<typeof ticketFacts>;

/** The facts of a call that has ended, or stands. What is not known is empty, so that no rule stumbles over it. */
export function ticketFacts(call: Call) {
  const { status = 'none', customer } = call.customer ?? {};
  return {
    call: {
      id: call.id,
      entry: call.entryId,
      queue: call.queueId ?? '',
      agent: call.talk?.agentId ?? '',
      callerNumber: call.callerNumber,
      dialledNumber: call.dialledNumber,
      language: call.language ?? customer?.language ?? '',
      reason: call.endReason ?? '',
      outcome: call.data['outcome'] ?? '',
      waitedMs: call.waitedMs ?? 0,
      talkMs: call.talkedMs,
      holdMs: call.heldMs,
      attempts: call.attempts,
      data: call.data,
    },
    customer: {
      status,
      known: customer !== undefined,
      id: customer?.id ?? '',
      name: customer?.name ?? '',
      tier: customer?.tier ?? '',
      value: customer?.value ?? 0,
      vip: customer?.vip ?? false,
      blacklisted: customer?.blacklisted ?? false,
      tags: customer?.tags ?? [],
      region: customer?.region ?? '',
      churnRisk: customer?.churnRisk ?? '',
      openTickets: customer?.openTickets.length ?? 0,
    },
  };
}
