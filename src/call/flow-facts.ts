import { isOpen, type TimeZone, wallClock } from '../calendar/index.ts';
import type { Customer } from './customer.ts';
import type { Draft } from './draft.ts';
import type { FlowBranch, FlowFacts } from './flow-policy.ts';

const nobody: Partial<Customer> = {};

/** Whether a branch is taken. A condition that cannot be evaluated does not hold: the caller goes on to the next. */
export function holds({ open, when }: FlowBranch, draft: Draft, zone: TimeZone): boolean {
  if (open) return isOpen(open, draft.atMs);
  return when?.(flowFacts(draft, zone)).kind === 'yes';
}

/** The facts of a call on its way in. What is not known is empty, so that no condition stumbles over it. */
function flowFacts({ call, atMs }: Draft, zone: TimeZone): FlowFacts {
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
