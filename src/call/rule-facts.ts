import { type TimeZone, wallClock } from '../calendar/index.ts';
import type { Call } from './call.ts';
import type { Customer } from './customer.ts';

/** What a rule sees of a call: texts are empty and numbers zero where nothing is known, so that no rule meets a hole. */
export interface RoutingFacts {
  readonly call: ReturnType<typeof callFacts>;
  readonly caller: ReturnType<typeof callerFacts>;
  readonly time: ReturnType<typeof wallClock>;
}

/** What of a call rules look at. */
export type RuledCall = Pick<
  Call,
  | 'entryId'
  | 'queueId'
  | 'dialledNumber'
  | 'callerNumber'
  | 'language'
  | 'menuPath'
  | 'data'
  | 'hops'
  | 'customer'
  | 'lastAgentId'
  | 'placed'
>;

/** `atMs` is Unix milliseconds; the time of day is that of `zone`. */
export function routingFacts(call: RuledCall, zone: TimeZone, atMs: number): RoutingFacts {
  return { call: callFacts(call), caller: callerFacts(call), time: wallClock(zone, atMs) };
}

function callFacts(call: RuledCall) {
  return {
    entry: call.entryId,
    queue: call.queueId ?? '',
    number: call.dialledNumber,
    callerNumber: call.callerNumber,
    language: call.language ?? '',
    menu: (call.menuPath ?? []).map(({ key }) => key),
    data: call.data,
    hops: call.hops,
  };
}

const nobody = {
  id: '',
  tier: '',
  value: 0,
  vip: false,
  tags: [],
  language: '',
  region: '',
  churnRisk: '',
  openTickets: [],
  ownerAgentId: '',
} satisfies Partial<Record<keyof Customer, unknown>>;

function callerFacts({ customer: found, language: spoken, lastAgentId = '' }: RuledCall) {
  const { status = 'none', customer } = found ?? {};
  const { id, tier, value, vip, tags, language, region, churnRisk, openTickets, ownerAgentId } = {
    ...nobody,
    ...customer,
  };
  return {
    status,
    known: customer !== undefined,
    id,
    tier,
    value,
    vip,
    tags,
    language: language === '' ? (spoken ?? '') : language,
    region,
    churnRisk,
    openTickets: openTickets.length,
    ownerAgentId,
    lastAgentId,
  };
}
