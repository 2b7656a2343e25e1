import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type NumberPlan, normaliseNumber } from './numbers.ts';

/** A number that may be dialled; see `readDialNumber`. */
export interface ReadNumber {
  /** As the directory writes it: E.164, a public short code, or an extension of our own. */
  readonly canonical: string;
  readonly formats: Readonly<Partial<Record<'e164' | 'digits' | 'national' | 'idd', string>>>;
  /** ISO country; absent for our own extensions. `ZZ` for a number of no country. */
  readonly region?: string;
}

const charsMax = 40;
/** What people write a number with. Anything else is no number: in a dial string `&` `,` `/` and `@` are live. */
const writable = /^\+?[0-9(][0-9 ().-]*$/;
/** Help must be free for those who need it, and no program calls it. */
const emergency: ReadonlySet<string> = new Set(['110', '112', '119', '120', '122', '911', '999']);

/**
 * What somebody wants dialled, as the API takes it: stricter than who calls, since it ends up in a dial string. Undefined
 * for anything that is not a valid number, for emergency numbers, and for text with anything else in it.
 */
export function readDialNumber(text: string, plan: NumberPlan): ReadNumber | undefined {
  if (text.length > charsMax || !writable.test(text)) return undefined;
  const number = normaliseNumber(text, plan);
  if (number.kind === 'anonymous' || number.kind === 'unknown' || emergency.has(number.canonical)) return undefined;
  const { canonical, formats } = number;
  if (number.kind === 'extension') return { canonical, formats };
  const region = number.kind === 'short' ? plan.country : parsePhoneNumberFromString(canonical)?.country;
  return { canonical, formats, region: region ?? 'ZZ' };
}
