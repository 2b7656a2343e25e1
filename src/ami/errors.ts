import { defineErrors } from '../kernel/index.ts';

/** Every way in which the link to the PBX's manager interface can fail; refusals of received lines are counted, not thrown. */
export const amiErrors = defineErrors('ami', {
  connect_failed: [503, 'The manager interface cannot be reached', 'Check host, port and manager.conf bindaddr.'],
  connect_timeout: [504, 'The manager interface did not greet in time', 'Check the network path and the port.'],
  bad_greeting: [
    502,
    'The peer is not an Asterisk manager interface',
    'Check that the port is the one of manager.conf.',
  ],
  login_refused: [502, 'Asterisk refused the manager login', 'Check user, secret and permit lines in manager.conf.'],
  login_timeout: [504, 'Asterisk did not answer the login in time', 'Check the load of the PBX.'],
  link_down: [503, 'The manager link is not up', 'Wait for the link; the client keeps trying.'],
  link_lost: [
    503,
    'The manager link was lost',
    'Nothing to do: the client reconnects; what waited for an answer may have run.',
  ],
  half_open: [504, 'The manager link fell silent', 'Check the network path; the client reconnects.'],
  stopped: [503, 'The manager link was stopped', 'Start it again.'],
  action_timeout: [504, 'Asterisk did not answer a manager action in time', 'Check the load of the PBX.'],
  action_aborted: [499, 'The manager action was abandoned by its caller', 'Nothing to do.'],
  list_too_long: [502, 'A manager list is longer than its cap', 'Raise listEventsMax if the PBX really is that large.'],
  list_cancelled: [502, 'Asterisk cancelled a manager list', 'Ask again.'],
  too_many_pending: [503, 'Too many manager actions wait for an answer', 'Check the load of the PBX.'],
  write_backlog: [503, 'The manager connection takes no more data', 'Check the load of the PBX.'],
  field_refused: [
    400,
    'A manager action holds a field that cannot be sent',
    'Remove line breaks and NUL; keep it short.',
  ],
  number_refused: [400, 'A number to dial holds something else than digits, star, hash or plus', 'Correct the number.'],
  line_too_long: [502, 'A received manager line is too long', 'Nothing to do: skipped up to the next blank line.'],
  too_many_headers: [502, 'A received manager message has too many lines', 'Nothing to do: skipped.'],
  message_too_long: [502, 'A received manager message is too long', 'Nothing to do: skipped.'],
  message_unknown: [502, 'A received manager message is neither event nor response', 'Nothing to do: skipped.'],
  driver_missing: [
    500,
    'The selected manager driver is not installed',
    'Install asterisk-manager or use the default driver.',
  ],
});
