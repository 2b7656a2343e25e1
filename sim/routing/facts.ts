import { timeZone } from '../../src/calendar/index.ts';
import { type RoutingFacts, routingFacts } from '../../src/call/index.ts';
import type { Caller } from './callers.ts';

const utc = timeZone('UTC');

/** What rules see of a simulated caller: a customer who was found at once. The virtual day is one of UTC. */
export function factsOf(
  caller: Caller,
  knownAgentId: string | undefined,
  queueId: string,
  hops: number,
  unixMs: number,
): RoutingFacts {
  const { id, tier, language, value, needs } = caller.callerClass;
  const owner = knownAgentId === undefined ? {} : { ownerAgentId: knownAgentId };
  const customer = {
    id: 'simulated',
    name: '',
    tier,
    language,
    value,
    vip: caller.vip,
    blacklisted: false,
    tags: [],
    needs,
    purchases: [],
    openTickets: [],
    ...owner,
  };
  return routingFacts(
    {
      entryId: id,
      queueId,
      dialledNumber: '',
      callerNumber: '',
      data: {},
      hops,
      customer: { status: 'fresh', source: 'simulator', customer },
      ...(knownAgentId === undefined ? {} : { lastAgentId: knownAgentId }),
    },
    utc,
    unixMs,
  );
}
