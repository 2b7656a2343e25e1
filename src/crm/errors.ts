import { AppError, defineErrors } from '../kernel/index.ts';

/** What can go wrong while we find out who is calling. None of these ever reaches a caller: the call is routed anyway. */
export const crmErrors = defineErrors('crm', {
  busy: [503, 'too many lookups wait for the CRM', 'raise lookup.concurrentMax or make the CRM faster'],
  unavailable: [
    503,
    'the CRM failed often and is left alone for a while',
    'mend the CRM; the next probe closes the breaker',
  ],
  timeout: [504, 'the CRM did not answer in time', 'make the CRM faster or raise lookup.crmTimeoutMs'],
  unreachable: [502, 'the CRM could not be reached', 'check the base URL, DNS and the network'],
  rate_limited: [
    429,
    'the rate limit set for the CRM is used up',
    'raise rateLimit in the template if the CRM allows it',
  ],
  refused: [502, 'the CRM refused the request', 'read the status in the detail and check the template and credentials'],
  auth_failed: [
    502,
    'the CRM gave no usable access token',
    'check the credentials and the auth section of the template',
  ],
  answer_too_big: [
    502,
    'the answer of the CRM is larger than allowed',
    'let the CRM send less or raise limits.responseBytesMax',
  ],
  answer_too_deep: [502, 'the answer of the CRM is nested too deeply', 'let the CRM send a flatter answer'],
  answer_not_json: [
    502,
    'the answer of the CRM is not JSON',
    'check the URL; a login page or proxy may answer instead',
  ],
  answer_shape: [
    502,
    'the answer of the CRM has not the form that the template expects',
    'compare the template paths with a recorded answer by a dry run',
  ],
  address_refused: [
    502,
    'the address of the CRM may not be contacted',
    'list private or loopback ranges under allow, if they are right',
  ],
  request_invalid: [500, 'a request to the CRM could not be built', 'correct the template value that the detail names'],
  secret_missing: [
    500,
    'a secret that the template refers to is missing',
    'set the variable or create the file that the detail names',
  ],
  template_invalid: [400, 'the CRM template is wrong', 'correct the keys that the detail names'],
  shared_unavailable: [503, 'the shared cache did not answer in time', 'check Redis; lookups go on without it'],
});

export type CrmErrorName = keyof typeof crmErrors;

/** One of the errors above; `detail` never carries personal data or secrets. */
export function crmError(name: CrmErrorName, detail?: string, cause?: unknown): AppError {
  return new AppError(crmErrors[name], detail, cause === undefined ? undefined : { cause });
}
