import { defineErrors } from '../kernel/index.ts';

export const eventErrors = defineErrors('events', {
  frame_invalid: [400, 'the frame is not understood', 'send JSON text frames as docs/events.md describes'],
  frame_rate: [429, 'too many frames', 'send fewer frames; acknowledge several events at once'],
  not_authenticated: [401, 'the connection has not shown a valid token', 'send {"type":"auth","token":…} first'],
  forbidden: [403, 'the token does not allow this subscription', 'ask for less, or for a token with the right'],
  subscription_unknown: [404, 'there is no such subscription', 'subscribe first, and use the id that you gave'],
  subscription_exists: [409, 'the subscription id is in use', 'choose another id or unsubscribe first'],
  too_many_subscriptions: [429, 'too many subscriptions on this connection', 'join filters, or unsubscribe'],
  consumer_taken: [409, 'the consumer is read by a newer connection', 'run one reader per consumer name'],
  ack_invalid: [400, 'nothing of that sequence is waiting for an ack', 'acknowledge sequences that were delivered'],
  store_away: [503, 'the log cannot be read now', 'subscribe again after a while'],
});
