import type { Customer, CustomerCandidate, LastContact, OpenTicket, Purchase } from '../../../call/index.ts';
import { crmError } from '../../errors.ts';
import { clean, ID_MAX, LONG_MAX, oneOf, type RawFields, SHORT_MAX, timeOf, urlOf } from '../../../rest/index.ts';

export interface Finished {
  readonly customer: Customer;
  /** Fields that the CRM sent in a form that we cannot use; they are left out and counted. */
  readonly dropped: number;
}

const TAGS_MAX = 20;
const NEEDS_MAX = 20;
const PURCHASES_MAX = 3;
const TICKETS_MAX = 5;
const CANDIDATES_MAX = 10;
const urgencies = ['critical', 'high', 'normal', 'low'] as const;

/** Makes a customer of raw fields. Without id or name there is none: `crm.answer_shape`. The rest is optional. */
export function finishCustomer(raw: RawFields, allow: readonly string[] | undefined): Finished {
  const picked = new Picker(raw, allow);
  const { id, name } = identity(raw);
  const customer: Customer = {
    id,
    name,
    value: Math.min(100, Math.max(0, picked.take('value', numberOf) ?? 0)),
    vip: picked.take('vip', flagOf) ?? false,
    blacklisted: picked.take('blacklisted', flagOf) ?? false,
    tags: picked.take('tags', tagsOf) ?? [],
    purchases: picked.take('purchases', purchasesOf) ?? [],
    openTickets: picked.take('openTickets', ticketsOf) ?? [],
    ...picked.given('tier', short),
    ...picked.given('language', short),
    ...picked.given('region', short),
    ...picked.given('churnRisk', oneOf(['low', 'medium', 'high'])),
    ...picked.given('strategy', long),
    ...picked.given('ownerAgentId', short),
    ...picked.given('needs', needsOf),
    ...picked.given('lastContact', lastContactOf),
    ...picked.given('url', urlOf),
  };
  return { customer, dropped: picked.dropped };
}

/** At most ten candidates; those without id or name are left out. */
export function finishCandidates(raws: readonly RawFields[]): CustomerCandidate[] {
  return raws
    .slice(0, CANDIDATES_MAX * 2)
    .flatMap((raw) => {
      const id = clean(raw['id'], ID_MAX);
      const name = clean(raw['name'], SHORT_MAX);
      const tier = clean(raw['tier'], SHORT_MAX);
      return id && name ? [{ id, name, ...(tier ? { tier } : {}) }] : [];
    })
    .slice(0, CANDIDATES_MAX);
}

function identity(raw: RawFields): { readonly id: string; readonly name: string } {
  const id = clean(raw['id'], ID_MAX);
  const name = clean(raw['name'], SHORT_MAX);
  if (!id) throw crmError('answer_shape', 'customer.id is missing or no text');
  if (!name) throw crmError('answer_shape', 'customer.name is missing or no text');
  return { id, name };
}

class Picker {
  private readonly raw: RawFields;
  private readonly allow: readonly string[] | undefined;
  dropped = 0;

  constructor(raw: RawFields, allow: readonly string[] | undefined) {
    this.raw = raw;
    this.allow = allow;
  }

  take<Value>(field: string, read: (value: unknown) => Value | undefined): Value | undefined {
    const value = this.raw[field];
    if (value === undefined || value === null || value === '' || (this.allow && !this.allow.includes(field)))
      return undefined;
    const read_ = read(value);
    if (read_ === undefined) this.dropped += 1;
    return read_;
  }

  given<Field extends string, Value>(
    field: Field,
    read: (value: unknown) => Value | undefined,
  ): { readonly [Name in Field]?: Value } {
    const value = this.take(field, read);
    return (value === undefined ? {} : { [field]: value }) as { readonly [Name in Field]?: Value };
  }
}

const short = (value: unknown) => clean(value, SHORT_MAX);
const long = (value: unknown) => clean(value, LONG_MAX);

const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
};

const flagOf = (value: unknown): boolean | undefined => {
  if (value === 1 || value === 0) return value === 1;
  if (value === 'true' || value === 'false') return value === 'true';
  return typeof value === 'boolean' ? value : undefined;
};

const tagsOf = (value: unknown): string[] | undefined => {
  const items = Array.isArray(value) ? value : typeof value === 'string' ? [value] : undefined;
  return items?.slice(0, TAGS_MAX).flatMap((item) => clean(item, SHORT_MAX) ?? []);
};

function needsOf(value: unknown): Readonly<Record<string, number>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const pairs = Object.entries(value)
    .slice(0, NEEDS_MAX)
    .filter(([skill, level]) => /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,39}$/u.test(skill) && numberOf(level) !== undefined)
    .filter(([skill]) => !(skill in Object.prototype))
    .map(([skill, level]) => [skill, Math.min(100, Math.max(0, numberOf(level) ?? 0))] as const);
  return Object.fromEntries(pairs);
}

const recordsOf = (value: unknown): RawFields[] | undefined =>
  Array.isArray(value)
    ? value.filter((item): item is RawFields => typeof item === 'object' && item !== null)
    : undefined;

function purchasesOf(value: unknown): Purchase[] | undefined {
  const purchases = recordsOf(value)?.flatMap((raw): Purchase[] => {
    const id = clean(raw['id'], ID_MAX);
    const title = clean(raw['title'], LONG_MAX);
    const atMs = timeOf(raw['atMs']);
    const amount = clean(raw['amount'], SHORT_MAX);
    return id && title ? [{ id, title, ...(atMs === undefined ? {} : { atMs }), ...(amount ? { amount } : {}) }] : [];
  });
  return purchases?.sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0)).slice(0, PURCHASES_MAX);
}

function ticketsOf(value: unknown): OpenTicket[] | undefined {
  const tickets = recordsOf(value)?.flatMap((raw): OpenTicket[] => {
    const id = clean(raw['id'], ID_MAX);
    const title = clean(raw['title'], LONG_MAX);
    const status = clean(raw['status'], SHORT_MAX);
    const urgency = oneOf(urgencies)(raw['urgency']);
    return id && title ? [{ id, title, ...(status ? { status } : {}), ...(urgency ? { urgency } : {}) }] : [];
  });
  const rank = (ticket: OpenTicket) => urgencies.indexOf(ticket.urgency ?? 'normal');
  return tickets?.sort((a, b) => rank(a) - rank(b)).slice(0, TICKETS_MAX);
}

function lastContactOf(value: unknown): LastContact | undefined {
  const raw = value as RawFields;
  const atMs = timeOf(raw['atMs']);
  const agentName = clean(raw['agentName'], SHORT_MAX);
  const summary = clean(raw['summary'], LONG_MAX);
  return atMs === undefined
    ? undefined
    : { atMs, ...(agentName ? { agentName } : {}), ...(summary ? { summary } : {}) };
}
