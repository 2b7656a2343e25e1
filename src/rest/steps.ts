import { AppError } from '../kernel/index.ts';
import type { HttpAnswer, HttpTransport } from '../outgoing/index.ts';
import { isSuccessStatus, jsonOf, meets } from './answer.ts';
import type { Authoriser } from './auth.ts';
import { type RestErrors, restError } from './errors.ts';
import { at, type Roots } from './fields.ts';
import { textOf } from './functions.ts';
import { buildRequest, type Values } from './request.ts';
import type { StepDocument } from './schema.ts';

/** What it takes to ask one neighbour. */
export interface StepParts {
  readonly transport: HttpTransport;
  readonly authoriser: Authoriser;
  readonly baseUrl: string;
  readonly secretOf: Values['secretOf'];
  readonly depthMax: number;
  readonly errors: RestErrors;
  /** Asked before each request, tokens excepted. */
  readonly mayAsk: () => boolean;
}

const ITEMS_MAX = 100;

/**
 * Asks one step. `none`: the neighbour says that there is nothing. Placeholders stand for `given`, or for what earlier
 * steps answered (`roots`).
 */
export async function askStep(
  parts: StepParts,
  step: StepDocument,
  given: Readonly<Record<string, string>>,
  roots: Roots,
  signal: AbortSignal,
): Promise<{ readonly json: unknown } | 'none'> {
  const valueOf = (name: string): string => {
    const value = Object.hasOwn(given, name) ? given[name] : textOf(at(roots, name));
    if (value === undefined) throw restError(parts.errors.answer_shape, `the answers have no ${name}`);
    return value;
  };
  return bodyOf(parts, step, await send(parts, step, valueOf, signal));
}

/** Sends a step; a token that proves used up is renewed once. */
async function send(
  parts: StepParts,
  step: StepDocument,
  valueOf: (name: string) => string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { secretOf, errors } = parts;
  const request = buildRequest(step, parts.baseUrl, { secretOf, valueOf, errors });
  const once = async () => {
    if (!parts.mayAsk()) throw restError(parts.errors.rate_limited);
    const headers = await parts.authoriser.headers(signal);
    const answer = await parts.transport.send({ ...request, headers: { ...request.headers, ...headers } }, signal);
    return { answer, isExpired: parts.authoriser.isExpired(answer, headers) };
  };
  const first = await once();
  return first.isExpired ? (await once()).answer : first.answer;
}

function bodyOf(parts: StepParts, step: StepDocument, answer: HttpAnswer): { readonly json: unknown } | 'none' {
  const json = lazyJson(answer, parts);
  if (step.noneWhen && meets(step.noneWhen, answer, json.orNothing)) return 'none';
  const isGood = step.successWhen ? meets(step.successWhen, answer, json.orNothing) : isSuccessStatus(answer);
  if (isGood) return { json: json.orThrow() };
  // A body that is too deep or no JSON says more than "not successful".
  if (isSuccessStatus(answer)) json.orThrow();
  const spec = parts.errors.refusedFor?.(answer.status) ?? parts.errors.refused;
  throw restError(spec, `step ${step.id}: status ${answer.status}`);
}

function lazyJson(answer: HttpAnswer, { depthMax, errors }: StepParts) {
  let read: { readonly value: unknown } | { readonly error: AppError } | undefined;
  const once = () => {
    if (read) return read;
    try {
      read = { value: jsonOf(answer, depthMax, errors) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      read = { error };
    }
    return read;
  };
  return {
    orNothing: (): unknown => {
      const result = once();
      return 'value' in result ? result.value : undefined;
    },
    orThrow: (): unknown => {
      const result = once();
      if ('error' in result) throw result.error;
      return result.value;
    },
  };
}

/** The list of a step's matches, cut to length. */
export function itemsOf(json: unknown, step: StepDocument, errors: RestErrors, max = ITEMS_MAX): unknown[] {
  const items = at(json, step.items ?? '');
  if (items === undefined || items === null) return [];
  if (!Array.isArray(items)) throw restError(errors.answer_shape, `step ${step.id}: ${step.items} is no list`);
  return items.slice(0, max);
}
