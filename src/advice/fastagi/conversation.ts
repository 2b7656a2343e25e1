import { createHash, timingSafeEqual } from 'node:crypto';
import { adviceErrors } from '../errors.ts';
import type { AdviceQuestion } from '../../bridge/index.ts';
import { type Parsed, parseQuestion } from '../question.ts';

export interface AgiQuestion {
  readonly question: AdviceQuestion;
  readonly withCustomer: boolean;
}

const known = ['entry', 'number', 'dialled', 'node', 'customer', 'secret'] as const;
type Argument = (typeof known)[number];
const argumentsMax = 16;

/**
 * The question in the variables of `AGI(agi://…,entry=hotline,secret=…)`. Without `number=`, `dialled=` and `entry=` the
 * caller's number, the number dialled and the extension are those of the channel.
 */
export function questionOf(variables: ReadonlyMap<string, string>, secret: string | undefined): Parsed<AgiQuestion> {
  const given = argumentsOf(variables);
  if (!given) return { ok: false, error: adviceErrors.bad_argument };
  if (secret !== undefined && !sameSecret(given.get('secret') ?? '', secret)) {
    return { ok: false, error: adviceErrors.agi_refused };
  }
  const parsed = parseQuestion(
    {
      number: given.get('number') ?? orEmpty(variables.get('agi_callerid')),
      dialled: given.get('dialled') ?? orEmpty(variables.get('agi_dnid')),
      entry: given.get('entry') ?? variables.get('agi_extension'),
      uniqueid: variables.get('agi_uniqueid'),
      node: given.get('node'),
    },
    'fastagi',
  );
  if (!parsed.ok) return parsed;
  return { ok: true, value: { question: parsed.value, withCustomer: given.get('customer') === '1' } };
}

function argumentsOf(variables: ReadonlyMap<string, string>): ReadonlyMap<Argument, string> | undefined {
  const given = new Map<Argument, string>();
  for (let index = 1; index <= argumentsMax; index += 1) {
    const text = variables.get(`agi_arg_${index}`);
    if (text === undefined) return given;
    const at = text.indexOf('=');
    const name = known.find((one) => one === text.slice(0, at));
    if (!name || given.has(name)) return undefined;
    given.set(name, text.slice(at + 1));
  }
  return undefined;
}

/** Asterisk writes `unknown` where it knows nothing. */
const orEmpty = (text: string | undefined): string => (text === undefined || text === 'unknown' ? '' : text);

/** Hashed, so that neither length nor content is told by the time it takes. */
function sameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(hash(given), hash(secret));
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
