import { defineErrors } from '../kernel/index.ts';

/** Why a question of the dialplan is refused. What was asked is never repeated. */
export const adviceErrors = defineErrors('dialplan', {
  bad_number: [
    400,
    'the caller’s number has characters that no number has',
    'send at most 64 letters, digits and + * # _ . - ; in the dialplan: ${FILTER(0-9a-zA-Z+*#_.\\-,${CALLERID(num)})}',
  ],
  bad_dialled: [
    400,
    'the number dialled has characters that no number has',
    'send at most 64 letters, digits and + * # _ . -',
  ],
  bad_entry: [
    400,
    'the entry is neither an id nor a number',
    'name an entry of the configuration by its id, or the number dialled',
  ],
  bad_channel: [400, 'the channel’s unique id has characters that none has', 'send ${UNIQUEID} as it is'],
  bad_node: [
    400,
    'the name of the PBX is not one',
    'name a node of the configuration, or leave it out where there is one',
  ],
  bad_argument: [
    400,
    'an argument of AGI() is none that is known',
    'use entry=, number=, dialled=, node=, customer= and secret=',
  ],
  agi_malformed: [400, 'what came over FastAGI is not AGI', 'let AGI() of Asterisk connect here, nothing else'],
  agi_refused: [403, 'the FastAGI connection may not ask', 'check the secret, and dialplan.fastAgi.allow'],
  agi_port_taken: [500, 'FastAGI cannot listen', 'choose another dialplan.fastAgi.port, or end what has it'],
});
