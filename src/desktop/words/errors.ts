import type { WordKey } from './en.ts';
import type { Say } from './words.ts';

const reasons: Readonly<Record<string, WordKey>> = {
  'desk.unreachable': 'error_unreachable',
  'http.key_missing': 'error_key',
  'http.key_wrong': 'error_key',
  'http.scope_missing': 'error_right',
  'http.other_agent': 'error_right',
  'http.too_many': 'error_tooMany',
  'auth.login_wrong': 'error_password',
  'auth.login_slowed': 'error_tooMany',
  'auth.session_ended': 'error_session',
  'auth.token_wrong': 'error_session',
  'auth.token_expired': 'error_session',
  'events.not_authenticated': 'error_key',
  'events.forbidden': 'error_right',
  'call.unknown': 'error_gone',
  'call.wrong_phase': 'error_phase',
  'call.not_yours': 'error_right',
  'call.nobody_free': 'error_notFree',
  'agent.not_free': 'error_notFree',
  'call.consulting': 'error_consulting',
  'call.target_unknown': 'error_target',
  'call.held_by_phone': 'error_phone',
  'agent.no_offer': 'error_phase',
  'agent.no_wrap_up': 'error_phase',
  'agent.wrap_up_fixed': 'error_wrapUpFixed',
  'agent.disposition_needed': 'error_dispositionNeeded',
  'pbx.link_down': 'error_pbx',
  'server.draining': 'error_draining',
};

/** Why something failed, in the reader's words; codes that have none are named. */
export function reasonText(code: string, say: Say): string {
  const key = reasons[code];
  return key ? say(key) : say('error_other', { code });
}
