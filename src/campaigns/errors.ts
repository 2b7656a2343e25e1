import { defineErrors } from '../kernel/index.ts';

export const outboundErrors = defineErrors('outbound', {
  number_refused: [
    400,
    'the number cannot be dialled',
    'send digits with an optional leading +; blanks, dashes, dots and brackets are taken, nothing else is',
  ],
  number_missing: [400, 'whom to call was not said', 'send exactly one of number, customerId and phoneToken'],
  token_refused: [400, 'the phone token is not valid, or no longer', 'take a fresh one from an event or the API'],
  customer_unknown: [404, 'no number of this customer is known', 'send the number itself'],
  no_route: [409, 'no route leads to this number', 'add a route for its beginning to outbound.routes'],
  from_unknown: [404, 'there is no such entry to call from', 'name an entry of the configuration'],
  queue_unknown: [404, 'there is no such queue, or the agent has none', 'name a queue of the configuration'],
  agent_unknown: [404, 'there is no such agent', 'use an agent id of the configuration'],
  target_missing: [400, 'who is to call was not said', 'send queueId, agentId, or both'],
  agent_busy: [
    409,
    'the agent is signed out, or busy on a call or a phone',
    'sign in, end the call or wrap-up, and try again',
  ],
  agent_elsewhere: [409, 'the agent’s phone is at another PBX than the route', 'add a route at the PBX of the agent'],
  do_not_call: [409, 'the number is on the do-not-call list', 'take it off the list if the customer agrees'],
  outside_hours: [409, 'customers there may not be called at this hour', 'try again within the calling hours'],
  no_time: [409, 'there is no calling hour between notBefore and notAfter', 'give a longer time, or another one'],
  key_reused: [409, 'the idempotency key was used for another wish', 'send the same body, or a key of its own'],
  job_unknown: [404, 'there is no such job', 'it may have been removed; finished jobs are kept for outbound.keepMs'],
  not_checked: [503, 'the do-not-call list could not be read', 'try again; the store may be away'],
  not_kept: [503, 'the wish could not be written down in time', 'send it again with the same idempotency key'],
  not_reachable: [
    503,
    'the PBX cannot be reached, or the states of its phones are not known',
    'try again when pbx.link.restored is told',
  ],
  no_callback: [409, 'the queue calls nobody back', 'add callback to the queue in the configuration'],
  callbacks_full: [409, 'as many callbacks wait as may', 'try again later, or raise callback.pendingMax of the queue'],
  full: [503, 'the server has no room for another call, or is shutting down', 'try again later'],
});
