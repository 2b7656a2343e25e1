import { Type } from '../src/schema/index.ts';
import { duration, formed, secret } from './kinds.ts';

const FastAgi = Type.Object({
  host: formed(/^[A-Za-z0-9.:_-]{1,253}$/, 'a host name or address', 'address to listen on', { default: '127.0.0.1' }),
  port: Type.Integer({ default: 4573, minimum: 0, maximum: 65535, description: 'TCP port; 0 takes a free one' }),
  allow: Type.Array(formed(/^[0-9a-fA-F:.]+(\/\d{1,3})?$/, 'an address or a range such as 10.1.0.0/16', 'an address'), {
    description: 'who may connect; loopback when empty',
    maxItems: 64,
  }),
  secret: Type.Optional(secret('what secret= of AGI() must be; needed when it listens beyond loopback')),
  connectionsMax: Type.Integer({ default: 500, minimum: 1, maximum: 10_000, description: 'calls that ask at once' }),
  deadlineMs: duration(1_000, 10, 60_000, 'a conversation is closed by then, whatever its state'),
});

/** How dialplans are answered that keep their calls and ask where they should go. */
export const Dialplan = Type.Object({
  deadlineMs: duration(400, 1, 10_000, 'a question is answered by then with what is known, whether or not the CRM has'),
  keepMs: duration(
    5_000,
    100,
    60_000,
    'how long an agent is kept for a call that the dialplan was told to ring through',
  ),
  askedMax: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 100_000,
    description: 'questions that wait for the CRM at the same time; more are answered without it',
  }),
  fastAgi: Type.Optional(FastAgi),
});
