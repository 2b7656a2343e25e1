import { AppError, defineErrors } from '../../../kernel/index.ts';
import type { RestErrors } from '../../../rest/index.ts';
import type { FailureMeaning } from '../../ports.ts';

/** What can go wrong between us and a ticket desk. The ticket waits or is given up; a call never notices. */
const specs = defineErrors('helpdesk', {
  timeout: [504, 'the ticket desk did not answer in time', 'make the desk faster or raise deadlineMs of the desk'],
  unreachable: [502, 'the ticket desk could not be reached', 'check the base URL, DNS and the network'],
  unavailable: [502, 'the ticket desk answered that it cannot work now', 'read the status in the log; mend the desk'],
  refused: [502, 'the ticket desk refused the ticket', 'read the status in the log, mend queue or rights, then replay'],
  rate_limited: [429, 'the rate limit set for the desk is used up', 'raise limits.requests if the desk allows it'],
  auth_failed: [502, 'the ticket desk gave no usable access token', 'check the credentials and the auth section'],
  answer_too_big: [502, 'the answer of the ticket desk is larger than allowed', 'raise limits.responseBytesMax'],
  answer_too_deep: [502, 'the answer of the ticket desk is nested too deeply', 'raise limits.depthMax'],
  answer_not_json: [502, 'the answer of the ticket desk is not JSON', 'check the URL; a login page may answer instead'],
  answer_shape: [
    502,
    'the answer of the ticket desk has not the form that the template expects',
    'compare the paths of the template with an answer of the desk',
  ],
  address_refused: [
    502,
    'the address of the ticket desk may not be contacted',
    'list private or loopback ranges under allow, if they are right',
  ],
  request_invalid: [500, 'a request to the ticket desk could not be built', 'correct the template at the value named'],
  secret_missing: [
    500,
    'a secret that the template refers to is missing',
    'set the variable or create the file that the detail names',
  ],
  template_invalid: [400, 'the ticket desk template is wrong', 'correct the keys that the detail names'],
});

/** Statuses with which a desk would answer the same request again: a person must mend it first. */
const final = new Set([400, 403, 404, 405, 409, 410, 413, 414, 415, 422]);

export const deskErrors: RestErrors & typeof specs = {
  ...specs,
  refusedFor: (status) => (final.has(status) ? specs.refused : specs.unavailable),
};

const refusals = new Set<string>([specs.refused.code, specs.request_invalid.code]);
const nothingDone = new Set<string>([
  specs.address_refused.code,
  specs.rate_limited.code,
  specs.auth_failed.code,
  specs.secret_missing.code,
]);
/** The connection was never made. */
const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What a failed request means for the ticket; whatever is not known for sure may have been done. */
export function meaningOf(error: unknown): FailureMeaning {
  if (!(error instanceof AppError)) return 'unknown';
  if (refusals.has(error.code)) return 'refused';
  if (nothingDone.has(error.code)) return 'notDone';
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === 'string' && notConnected.has(code) ? 'notDone' : 'unknown';
}
