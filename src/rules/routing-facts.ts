/** What routing rules may ask about a call; `routingFacts` of the call gives the values. */
export const routingFactTypes = {
  call: {
    entry: 'string',
    queue: 'string',
    number: 'string',
    callerNumber: 'string',
    language: 'string',
    menu: 'list',
    data: 'map',
    hops: 'int',
  },
  caller: {
    status: 'string',
    known: 'bool',
    id: 'string',
    tier: 'string',
    value: 'double',
    vip: 'bool',
    tags: 'list',
    language: 'string',
    region: 'string',
    churnRisk: 'string',
    openTickets: 'int',
    ownerAgentId: 'string',
    lastAgentId: 'string',
  },
  time: { hour: 'int', minute: 'int', weekday: 'int', date: 'string' },
} as const;
