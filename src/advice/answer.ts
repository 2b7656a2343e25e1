import type { Advice } from '../bridge/index.ts';

/** An answer in the order of its fields; each is empty or made of the characters that it is allowed. */
export interface Answer {
  readonly format: 'RM1';
  readonly action: 'agent' | 'queue' | 'fallback' | 'blacklist' | 'closed';
  /** What `Dial()` takes, for `agent`. */
  readonly endpoint: string;
  readonly queue: string;
  readonly callId: string;
  /** How long to ring, in whole seconds, for `agent`. */
  readonly ringSeconds: string;
  readonly tier: string;
  readonly customer: string;
  /** `1`, `0`, or empty when not asked or not known. */
  readonly vip: string;
}

/** Every character that an answer may have; `|` stands between its fields. Dialplans FILTER for these. */
export const answerCharacters = /^[0-9A-Za-z_.+*#@/:|-]*$/;
const endpoint =
  /^(?:PJSIP|SIP|IAX2)\/[0-9A-Za-z_.+-]{1,79}$|^Local\/[0-9A-Za-z_.+*#-]{1,79}@[0-9A-Za-z_-]{1,79}(?:\/n)?$/;
const word = /^[0-9A-Za-z_.:-]{1,64}$/;

/** What the dialplan is told. What a CRM calls a tier or id in other characters is left out, never changed. */
export function answerOf({ callId, placement, customer: found }: Advice, withCustomer: boolean): Answer {
  const { action } = placement;
  const customer = withCustomer ? found.customer : undefined;
  const answer = {
    format: 'RM1',
    endpoint: '',
    queue: action === 'agent' || action === 'queue' ? placement.queueId : '',
    callId: only(word, callId),
    ringSeconds: '',
    tier: only(word, customer?.tier),
    customer: only(word, customer?.id),
    vip: customer ? (customer.vip ? '1' : '0') : '',
  } as const;
  if (action !== 'agent') return { ...answer, action };
  // An endpoint that cannot be told safely is one that must not be dialled.
  if (!endpoint.test(placement.endpoint)) return { ...answer, action: 'fallback', queue: '' };
  const ringSeconds = String(Math.max(1, Math.round(placement.ringTimeoutMs / 1000)));
  return { ...answer, action, endpoint: placement.endpoint, ringSeconds };
}

const only = (allowed: RegExp, text: string | undefined): string =>
  text !== undefined && allowed.test(text) ? text : '';

/** `RM1|agent|PJSIP/1001|support|rm-…|20|gold|C-1001|1`: nine fields, no line end. */
export function answerLine(answer: Answer): string {
  const { format, action, endpoint, queue, callId, ringSeconds, tier, customer, vip } = answer;
  return [format, action, endpoint, queue, callId, ringSeconds, tier, customer, vip].join('|');
}

/** The same as channel variables, with the line itself in RM_ANSWER. */
export function answerVariables(answer: Answer): readonly (readonly [name: string, value: string])[] {
  return [
    ['RM_ACTION', answer.action],
    ['RM_ENDPOINT', answer.endpoint],
    ['RM_QUEUE', answer.queue],
    ['RM_CALL', answer.callId],
    ['RM_RING', answer.ringSeconds],
    ['RM_TIER', answer.tier],
    ['RM_CUSTOMER', answer.customer],
    ['RM_VIP', answer.vip],
    // The last one: a dialplan that finds it has found all.
    ['RM_ANSWER', answerLine(answer)],
  ];
}
