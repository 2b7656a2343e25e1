import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** How numbers arrive at this site. */
export interface NumberPlan {
  /** ISO country of numbers without a country code. */
  readonly country: string;
  /** Area code put before 7 and 8 digit local numbers, with or without its leading 0: `010`. */
  readonly areaCode?: string;
  /** The digit dialled for an outside line, which some gateways leave before the caller's number. */
  readonly outsidePrefix: string;
  /** Numbers up to this length that are no short code are extensions of our own. */
  readonly extensionDigitsMax: number;
  /** Short codes besides the public ones. */
  readonly shortCodes: readonly string[];
}

export const defaultNumberPlan: NumberPlan = {
  country: 'CN',
  outsidePrefix: '9',
  extensionDigitsMax: 6,
  shortCodes: [],
};

/** The ways in which CRMs write one and the same number. */
export const numberFormatNames = [
  'e164', // +8613912345678
  'digits', // 8613912345678
  'national', // 13912345678, 01088889999
  'nationalPretty', // 139 1234 5678, 010 8888 9999
  'idd', // 008613912345678
  'subscriber', // 13912345678, 1088889999: the national number without trunk prefix
  'last8', // 12345678: only ever gives candidates
  'raw', // as the PBX sent it, without punctuation
] as const;
export type NumberFormatName = (typeof numberFormatNames)[number];
export type NumberFormats = Readonly<Partial<Record<NumberFormatName, string>>>;

export type CallerNumber =
  /** Withheld or no number at all: nothing can be looked up. */
  | { readonly kind: 'anonymous' }
  /** `canonical` is what cache and directory go by. */
  | {
      readonly kind: 'full' | 'short' | 'extension' | 'unknown';
      readonly canonical: string;
      readonly formats: NumberFormats;
    };

const CHARS_MAX = 64;
const WITHHELD = new Set(['', 'anonymous', 'unknown', 'restricted', 'private', 'unavailable', 'withheld', 'asterisk']);
/** Public services of mainland China: emergency, carriers, banks and insurers (95…), city hotlines (12345, 96…). */
const CN_SHORT = /^(?:11[0-9]|12[0-9]|12[0-9]{3}|100[0-9]{2}|95[0-9]{3,6}|96[0-9]{3,4}|116114|118[0-9]{2,3})$/;

/**
 * Reads a caller's number as the PBX passes it; takes any string and never throws.
 * Tried in order: short code, extension, as it stands, with the area code, the same without the outside-line prefix.
 */
export function normaliseNumber(raw: string, plan: NumberPlan = defaultNumberPlan): CallerNumber {
  const text = bareNumber(raw);
  if (text === undefined) return { kind: 'anonymous' };
  if (!/^\+?[0-9]+$/.test(text)) return unknownNumber(text);
  if (text.startsWith('+')) return international(text) ?? unknownNumber(text);
  const direct = domestic(text, plan);
  if (direct) return direct;
  const { outsidePrefix } = plan;
  const outside = outsidePrefix !== '' && text.startsWith(outsidePrefix) ? text.slice(outsidePrefix.length) : '';
  return (outside !== '' && domestic(outside, { ...plan, extensionDigitsMax: 0 })) || unknownNumber(text);
}

/** The user part of a SIP URI or the bare text, without punctuation; undefined when withheld. */
function bareNumber(raw: string): string | undefined {
  const text = raw
    .slice(0, CHARS_MAX * 2)
    .normalize('NFKC')
    .trim()
    .replace(/^<?(?:sips?|tel):/i, '');
  const user = (text.split(/[@;>]/, 1)[0] ?? '').replace(/[\s().\-/]/g, '').slice(0, CHARS_MAX);
  return WITHHELD.has(user.toLowerCase()) ? undefined : user;
}

function domestic(digits: string, plan: NumberPlan): CallerNumber | undefined {
  if (isShortCode(digits, plan)) return plain('short', digits);
  if (digits.length <= plan.extensionDigitsMax) return plain('extension', digits);
  if (digits.startsWith('00')) return international(`+${digits.slice(2)}`);
  const asItStands = valid(digits, plan.country);
  if (asItStands) return full(asItStands, digits);
  if (!plan.areaCode || (digits.length !== 7 && digits.length !== 8)) return undefined;
  const local = valid(`0${plan.areaCode.replace(/^0+/, '')}${digits}`, plan.country);
  return local && full(local, digits);
}

function isShortCode(digits: string, plan: NumberPlan): boolean {
  return plan.shortCodes.includes(digits) || (plan.country === 'CN' && CN_SHORT.test(digits));
}

function international(text: string): CallerNumber | undefined {
  const parsed = valid(text, undefined);
  return parsed && full(parsed, text);
}

function valid(text: string, country: string | undefined): PhoneNumber | undefined {
  const parsed = parsePhoneNumberFromString(text, country as CountryCode | undefined);
  return parsed?.isValid() ? parsed : undefined;
}

function full(parsed: PhoneNumber, raw: string): CallerNumber {
  const digits = parsed.number.slice(1);
  const pretty = parsed.formatNational();
  const subscriber = String(parsed.nationalNumber);
  const formats: NumberFormats = {
    e164: parsed.number,
    digits,
    national: pretty.replace(/\D/g, ''),
    nationalPretty: pretty,
    idd: `00${digits}`,
    subscriber,
    last8: subscriber.slice(-8),
    raw,
  };
  return { kind: 'full', canonical: parsed.number, formats };
}

function plain(kind: 'short' | 'extension', digits: string): CallerNumber {
  return { kind, canonical: digits, formats: { digits, national: digits, raw: digits } };
}

/** Not a number that we can read. It keeps its text, so that a CRM which stores it just so can still be asked. */
function unknownNumber(text: string): CallerNumber {
  const printable = text.replace(/[^\p{L}\p{N}+_.-]/gu, '');
  if (printable === '') return { kind: 'anonymous' };
  return { kind: 'unknown', canonical: printable, formats: { raw: printable } };
}
