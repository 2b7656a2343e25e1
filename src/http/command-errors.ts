import type { CommandErrorCode } from '../bridge/index.ts';
import { defineErrors, type ErrorSpec } from '../kernel/index.ts';

const call = defineErrors('call', {
  unknown: [404, 'there is no such call', 'list the calls; it may have ended'],
  wrong_phase: [409, 'the call is not in a phase that allows this', 'read the call; events tell its phase'],
  not_yours: [403, 'the call belongs to another agent', 'ask the agent who has it'],
  target_unknown: [404, 'the target of the transfer does not exist', 'name an agent or queue of the configuration'],
  held_by_phone: [409, 'the phone itself holds the call', 'press resume on the phone'],
});
const agent = defineErrors('agent', {
  unknown: [404, 'there is no such agent', 'use an agent id of the configuration'],
  signed_out: [409, 'the agent is signed out', 'sign the agent in first'],
  no_offer: [409, 'the call is not offered to this agent, or no longer', 'wait for call.offered'],
  no_wrap_up: [409, 'the agent is not in wrap-up', 'nothing needs to be done'],
});
const pbx = defineErrors('pbx', {
  link_down: [503, 'the PBX that has the call cannot be reached', 'try again when pbx.link.restored is told'],
});
const server = defineErrors('server', {
  draining: [503, 'the server is shutting down', 'ask another server, or this one when it is back'],
});

/** What the switchboard may answer to a command, as the API tells it. */
export const commandErrors: Readonly<Record<CommandErrorCode, ErrorSpec>> = {
  'call.unknown': call.unknown,
  'call.wrong_phase': call.wrong_phase,
  'call.not_yours': call.not_yours,
  'call.target_unknown': call.target_unknown,
  'call.held_by_phone': call.held_by_phone,
  'agent.unknown': agent.unknown,
  'agent.signed_out': agent.signed_out,
  'agent.no_offer': agent.no_offer,
  'agent.no_wrap_up': agent.no_wrap_up,
  'pbx.link_down': pbx.link_down,
  'server.draining': server.draining,
};
