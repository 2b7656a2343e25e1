import { type TimeZone, wallClock } from '../calendar/index.ts';
import type { Customer } from './customer.ts';
import type { FlowSituation } from './flow-policy.ts';

/** What conditions of a flow may ask about; `src/rules` has the words for the types. */
export const flowFactTypes = {
  caller: {
    known: 'bool',
    vip: 'bool',
    tier: 'string',
    value: 'double',
    language: 'string',
    region: 'string',
    tags: 'list',
    openTickets: 'int',
    churnRisk: 'string',
  },
  call: { number: 'string', dialled: 'string', entry: 'string', language: 'string', data: 'map' },
  /** `weekday`: 1 Monday to 7 Sunday; by the clock on the wall. */
  time: { hour: 'int', minute: 'int', weekday: 'int', date: 'string' },
} as const;

const nobody: Partial<Customer> = {};

/** The facts of a call on its way in. What is not known is empty, so that no condition stumbles over it. */
export function flowFacts({ call, atMs }: FlowSituation, zone: TimeZone) {
  const {
    tier = '',
    value = 0,
    vip = false,
    language = '',
    region = '',
    tags = [],
    churnRisk = '',
    openTickets = [],
  } = call.customer?.customer ?? nobody;
  return {
    caller: {
      known: call.customer?.customer !== undefined,
      vip,
      tier,
      value,
      language,
      region,
      tags,
      openTickets: openTickets.length,
      churnRisk,
    },
    call: {
      number: call.callerNumber,
      dialled: call.dialledNumber,
      entry: call.entryId,
      language: call.language ?? '',
      data: call.data,
    },
    time: wallClock(zone, atMs),
  };
}
