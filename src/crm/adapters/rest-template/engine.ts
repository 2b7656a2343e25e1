import {
  askStep,
  at,
  fieldsOf,
  itemsOf,
  mappingFunctions,
  type Roots,
  type StepParts,
  textOf,
} from '../../../rest/index.ts';
import { crmError } from '../../errors.ts';
import type { AdapterAnswer, CustomerQuery } from '../adapter.ts';
import { finishCandidates, finishCustomer } from './customer.ts';
import { mapCustomer } from './mapping.ts';
import type { TemplateDocument } from './schema.ts';

export interface EngineParts extends StepParts {
  readonly template: TemplateDocument;
  readonly onDropped: (fields: number) => void;
}

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
  const given = valuesOf(query, number);
  const roots: Record<string, unknown> = {};
  let here: unknown;
  for (const step of template.steps) {
    const body = await askStep(parts, step, given, roots, signal);
    if (body === 'none') return { kind: 'none' };
    roots[step.id] = body.json;
    here = body.json;
    if (step.items === undefined) continue;
    const chosen = choose(template.matches, itemsOf(body.json, step, parts.errors));
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

function valuesOf(query: CustomerQuery, number: string): Readonly<Record<string, string>> {
  const { callId, idempotencyKey, dialledNumber, tenant } = query;
  return { number, callId, idempotencyKey, dialled: dialledNumber, tenant };
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
