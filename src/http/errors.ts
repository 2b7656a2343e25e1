import { defineErrors } from '../kernel/index.ts';

/** What the API itself refuses. */
export const httpErrors = defineErrors('http', {
  leaving: [
    503,
    'this instance gives the calls to another one right now, or is not sure to own them; nothing was done',
    'ask again in a second, at any instance',
  ],
  bad_request: [
    400,
    'the request does not fit the schema',
    'send what the OpenAPI document says; details names each field',
  ],
  bad_body: [400, 'the body cannot be read', 'send well-formed JSON with content-type application/json'],
  key_missing: [
    401,
    'no API key or access token was given',
    'send Authorization: Bearer with a key, or a token of /v1/auth/login',
  ],
  key_wrong: [401, 'the API key is not valid', 'check the key; make a new one with "key create" if it is lost'],
  scope_missing: [403, 'the right for this is missing', 'add the scope to the key, or the role to the user'],
  other_agent: [403, 'an agent acts as that agent only', 'act as the own agent, or ask a supervisor'],
  not_found: [404, 'there is nothing at this address', 'see /v1/openapi.json for the addresses'],
  consumer_unknown: [404, 'there is no such durable consumer', 'list the consumers; it may have been removed'],
  method_not_allowed: [405, 'this address does not take this method', 'use a method that the Allow header names'],
  timeout: [408, 'the request did not arrive in time', 'send the whole request at once'],
  body_too_large: [413, 'the body is larger than 64 KiB', 'send less'],
  media_type: [415, 'the body is not JSON', 'send content-type application/json'],
  too_many: [429, 'too many requests', 'wait as long as Retry-After says'],
  headers_too_large: [431, 'the header lines are too long', 'send fewer or shorter header lines'],
  starting: [
    503,
    'the server is starting and waits for its store',
    'wait until /readyz says ok; its checks say what is missing',
  ],
  cannot_listen: [
    500,
    'the API cannot listen',
    'choose another server.host or server.port, or end what has the address already',
  ],
  certificate_unusable: [
    500,
    'the TLS certificate or its key cannot be used',
    'see to the files that server.tls names: PEM, readable for this user, and belonging together',
  ],
  internal: [500, 'the server failed at this request', 'tell the operator; the log has the request id'],
  no_tickets: [404, 'no ticket desk is configured', 'add a tickets section to the configuration'],
  config_refused: [
    422,
    'the new configuration has errors; nothing has changed',
    'mend each line in details, then reload again',
  ],
  no_other_rules: [409, 'there are no other rules to change to', 'see /v1/config/versions'],
  outbound_off: [409, 'this server does not call out', 'configure outbound.routes'],
  agent_needed: [400, 'for whom the call is accepted or rejected was not said', 'add ?agentId=…'],
});
