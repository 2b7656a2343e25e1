import type { CommandErrorCode } from '../bridge/index.ts';
import { defineErrors, type ErrorSpec } from '../kernel/index.ts';

const call = defineErrors('call', {
  unknown: [404, 'there is no such call', 'list the calls; it may have ended'],
  wrong_phase: [409, 'the call is not in a phase that allows this', 'read the call; events tell its phase'],
  not_yours: [403, 'the call belongs to another agent', 'ask the agent who has it'],
  target_unknown: [404, 'the target of the transfer does not exist', 'name an agent or queue of the configuration'],
  consulting: [409, 'somebody is being asked on this call', 'complete, cancel, swap or merge the consultation'],
  no_consult: [409, 'nobody is being asked on this call', 'begin with consult'],
  consult_unanswered: [409, 'who is asked has not answered yet', 'wait for call.consult.answered, or cancel'],
  recording_state: [
    409,
    'the recording is not in a state that allows this',
    'read the call; recording tells its state',
  ],
  recording_forbidden: [
    409,
    'the rules of the server do not allow this recording, or its end',
    'see recording in the config; a supervisor may stop what a rule began',
  ],
  routed_elsewhere: [409, 'the PBX routes this call by itself', 'control it at the phone or the PBX'],
  nobody_free: [409, 'nobody of the queue is free now', 'ask again, or somebody else'],
  disposition_unknown: [404, 'there is no such disposition', 'give one of GET /v1/agent-choices'],
  held_by_phone: [409, 'the phone itself holds the call', 'press resume on the phone'],
});
const agent = defineErrors('agent', {
  unknown: [404, 'there is no such agent', 'use an agent id of the configuration'],
  signed_out: [409, 'the agent is signed out', 'sign the agent in first'],
  not_free: [409, 'the agent is not free now', 'wait until agent.state says idle, or ask another'],
  no_offer: [409, 'the call is not offered to this agent, or no longer', 'wait for call.offered'],
  no_wrap_up: [409, 'the agent is not in wrap-up', 'nothing needs to be done'],
  wrap_up_fixed: [409, 'this wrap-up cannot be put off any further', 'see wrapUp of the queue in the configuration'],
  reason_needed: [409, 'a pause needs a reason here', 'give one of GET /v1/agent-choices'],
  reason_unknown: [404, 'there is no such reason for a pause', 'give one of GET /v1/agent-choices'],
  device_unknown: [404, 'the agent has no such phone', 'give one of the devices of the agent'],
  skill_unknown: [404, 'there is no such skill', 'name skills of the configuration'],
  disposition_needed: [409, 'what came of the call must be said first', 'give a disposition, then end the wrap-up'],
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
  'call.consulting': call.consulting,
  'call.no_consult': call.no_consult,
  'call.consult_unanswered': call.consult_unanswered,
  'call.nobody_free': call.nobody_free,
  'call.recording_state': call.recording_state,
  'call.recording_forbidden': call.recording_forbidden,
  'call.routed_elsewhere': call.routed_elsewhere,
  'agent.unknown': agent.unknown,
  'agent.signed_out': agent.signed_out,
  'agent.not_free': agent.not_free,
  'agent.no_offer': agent.no_offer,
  'agent.no_wrap_up': agent.no_wrap_up,
  'agent.wrap_up_fixed': agent.wrap_up_fixed,
  'agent.reason_needed': agent.reason_needed,
  'agent.reason_unknown': agent.reason_unknown,
  'agent.device_unknown': agent.device_unknown,
  'agent.skill_unknown': agent.skill_unknown,
  'agent.disposition_needed': agent.disposition_needed,
  'call.disposition_unknown': call.disposition_unknown,
  'pbx.link_down': pbx.link_down,
  'server.draining': server.draining,
};
