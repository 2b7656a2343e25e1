import type { Call } from '../../src/call/index.ts';
import type { Ticket } from '../../src/tickets/ports.ts';

/** A call of a VIP that has ended. */
export const endedCall = (over: Partial<Call> = {}): Call => ({
  id: 'rm-1',
  nodeId: 'pbx1',
  version: 9,
  phase: 'ended',
  phaseSinceMs: 4_000,
  entryId: 'hotline',
  callerLegId: 'caller-1',
  callerNumber: '13900000001',
  callerName: '',
  dialledNumber: '4001',
  language: 'zh',
  answered: true,
  enteredAtMs: 1_000,
  awaiting: { lookup: false, greeting: false },
  customer: {
    status: 'fresh',
    source: 'crm:x',
    customer: {
      id: 'C1',
      name: '王芳',
      tier: 'gold',
      value: 80,
      vip: true,
      blacklisted: false,
      tags: [],
      purchases: [],
      openTickets: [],
    },
  },
  queueId: 'support',
  returned: false,
  attempts: 1,
  hops: 0,
  bridged: false,
  talk: { agentId: 'li', legId: 'rm-1.agent1', sinceMs: 2_000 },
  talkedMs: 60_000,
  heldMs: 0,
  waitedMs: 30_000,
  data: { topic: 'refund', outcome: 'callback' },
  endReason: 'completed',
  ...over,
});

export const ticket = (over: Partial<Ticket> = {}): Ticket => ({
  id: 'rm-1.missed',
  version: 1,
  phase: 'waiting',
  deskId: 'desk',
  level: 'normal',
  subject: '未接来电',
  text: '',
  callIds: ['rm-1'],
  customerId: 'C1',
  callerNumber: '13900000001',
  mark: 'rm-mark',
  attempts: 0,
  notBeforeMs: 0,
  waitingSinceMs: 0,
  status: 'new',
  createdAtMs: 0,
  updatedAtMs: 0,
  ...over,
});

export const placedTicket = (over: Partial<Ticket> = {}): Ticket =>
  ticket({ phase: 'placed', deskTicketId: 'T1', ...over });
