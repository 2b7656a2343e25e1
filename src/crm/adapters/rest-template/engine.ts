import { AppError } from '../../../kernel/index.ts';
import { crmError } from '../../errors.ts';
import type { AdapterAnswer, CustomerQuery } from '../adapter.ts';
import type { HttpAnswer, HttpTransport } from '../../../outgoing/index.ts';
import { isSuccessStatus, jsonOf, meets } from './answer.ts';
import type { Authoriser } from './auth.ts';
import { finishCandidates, finishCustomer } from './customer.ts';
import { mappingFunctions, textOf } from './functions.ts';
import { at, fieldsOf, mapCustomer, type Roots } from './mapping.ts';
import { buildRequest, type Values } from './request.ts';
import type { StepDocument, TemplateDocument } from './schema.ts';

export interface EngineParts {
  readonly template: TemplateDocument;
  readonly transport: HttpTransport;
  readonly authoriser: Authoriser;
  readonly baseUrl: string;
  readonly secretOf: Values['secretOf'];
  readonly depthMax: number;
  /** Asked before each request to the CRM, tokens included. */
  readonly mayAsk: () => boolean;
  readonly onDropped: (fields: number) => void;
}

const ITEMS_MAX = 100;

/** Asks the CRM by each number format in turn until one finds somebody. */
export async function runTemplate(
  parts: EngineParts,
  query: CustomerQuery,
  signal: AbortSignal,
): Promise<AdapterAnswer> {
  const tried = new Set<string>();
  for (const format of parts.template.numberFormats) {
    const number = query.number[format];
    if (number === undefined || tried.has(number)) continue;
    tried.add(number);
    const answer = await runSteps(parts, query, number, signal);
    if (answer.kind === 'none') continue;
    // The last digits are shared by many numbers: whoever they find is a guess for the agent to confirm.
    if (format === 'last8' && answer.kind === 'hit') return asGuess(answer);
    return answer;
  }
  return { kind: 'none' };
}

function asGuess({ customer }: Extract<AdapterAnswer, { kind: 'hit' }>): AdapterAnswer {
  const { id, name, tier } = customer;
  return { kind: 'ambiguous', candidates: [{ id, name, ...(tier === undefined ? {} : { tier }) }] };
}

async function runSteps(
  parts: EngineParts,
  query: CustomerQuery,
  number: string,
  signal: AbortSignal,
): Promise<AdapterAnswer> {
  const { template } = parts;
  const roots: Record<string, unknown> = {};
  let here: unknown;
  for (const step of template.steps) {
    const answer = await ask(
      parts,
      step,
      { secretOf: parts.secretOf, valueOf: valuesOf(query, number, roots) },
      signal,
    );
    const body = bodyOf(parts, step, answer);
    if (body === 'none') return { kind: 'none' };
    roots[step.id] = body.json;
    here = body.json;
    if (step.items === undefined) continue;
    const chosen = choose(template.matches, itemsOf(body.json, step));
    if (chosen.kind === 'none') return chosen;
    if (chosen.kind === 'several') return candidatesOf(template, chosen.items, roots);
    roots['item'] = chosen.item;
    here = chosen.item;
  }
  const raw = mapCustomer(template.customer, roots, here);
  const { customer, dropped } = finishCustomer(raw, template.allow);
  if (dropped > 0) parts.onDropped(dropped);
  const updated = raw['sourceUpdatedAt'];
  return {
    kind: 'hit',
    customer,
    ...(typeof updated === 'number' && updated > 0 ? { sourceUpdatedAtMs: updated } : {}),
  };
}

function valuesOf(query: CustomerQuery, number: string, roots: Roots): (name: string) => string {
  const given: Record<string, string> = {
    number,
    callId: query.callId,
    idempotencyKey: query.idempotencyKey,
    dialled: query.dialledNumber,
    tenant: query.tenant,
  };
  return (name) => {
    const value = Object.hasOwn(given, name) ? given[name] : textOf(at(roots, name));
    if (value === undefined) throw crmError('answer_shape', `the answers have no ${name}`);
    return value;
  };
}

/** Sends a step; a token that proves used up is renewed once. */
async function ask(parts: EngineParts, step: StepDocument, values: Values, signal: AbortSignal): Promise<HttpAnswer> {
  const request = buildRequest(step, parts.baseUrl, values);
  const send = async () => {
    if (!parts.mayAsk()) throw crmError('rate_limited');
    const headers = await parts.authoriser.headers(signal);
    const answer = await parts.transport.send({ ...request, headers: { ...request.headers, ...headers } }, signal);
    return { answer, isExpired: parts.authoriser.isExpired(answer, headers) };
  };
  const first = await send();
  return first.isExpired ? (await send()).answer : first.answer;
}

function bodyOf(parts: EngineParts, step: StepDocument, answer: HttpAnswer): { readonly json: unknown } | 'none' {
  const json = lazyJson(answer, parts.depthMax);
  if (step.noneWhen && meets(step.noneWhen, answer, json.orNothing)) return 'none';
  const isGood = step.successWhen ? meets(step.successWhen, answer, json.orNothing) : isSuccessStatus(answer);
  if (isGood) return { json: json.orThrow() };
  // A body that is too deep or no JSON says more than "not successful".
  if (isSuccessStatus(answer)) json.orThrow();
  throw crmError('refused', `step ${step.id}: status ${answer.status}`);
}

function lazyJson(answer: HttpAnswer, depthMax: number) {
  let read: { readonly value: unknown } | { readonly error: AppError } | undefined;
  const once = () => {
    if (read) return read;
    try {
      read = { value: jsonOf(answer, depthMax) };
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

function itemsOf(json: unknown, step: StepDocument): unknown[] {
  const items = at(json, step.items ?? '');
  if (items === undefined || items === null) return [];
  if (!Array.isArray(items)) throw crmError('answer_shape', `step ${step.id}: ${step.items} is no list`);
  return items.slice(0, ITEMS_MAX);
}

type Choice =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly item: unknown }
  | { readonly kind: 'several'; readonly items: readonly unknown[] };

/** Several customers may have one number: what then is the site's policy. */
function choose(matches: TemplateDocument['matches'], items: readonly unknown[]): Choice {
  const [first] = items;
  if (items.length === 0) return { kind: 'none' };
  if (items.length === 1) return { kind: 'one', item: first };
  const several: Choice = { kind: 'several', items };
  switch (matches?.policy ?? 'ambiguous') {
    case 'first':
      return { kind: 'one', item: first };
    case 'newest':
      return { kind: 'one', item: newest(items, matches?.by ?? '') };
    case 'byField': {
      const right = items.filter((item) => textOf(at(item, matches?.by ?? '')) === textOf(matches?.equals));
      return right.length === 1 ? { kind: 'one', item: right[0] } : several;
    }
    case 'ambiguous':
      return several;
  }
}

function newest(items: readonly unknown[], by: string): unknown {
  const timeOf = (item: unknown) =>
    Number(mappingFunctions['date']?.run(at(item, by), undefined) ?? Number.NEGATIVE_INFINITY);
  return items.reduce((best, item) => (timeOf(item) > timeOf(best) ? item : best));
}

function candidatesOf(template: TemplateDocument, items: readonly unknown[], roots: Roots): AdapterAnswer {
  const fields = template.matches?.candidate ?? { id: template.customer.id, name: template.customer.name };
  const candidates = finishCandidates(items.map((item) => fieldsOf(fields, roots, item)));
  if (candidates.length === 0) throw crmError('answer_shape', 'no match has id and name');
  return { kind: 'ambiguous', candidates };
}
