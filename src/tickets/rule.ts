import type { Call, EndReason } from '../call/index.ts';
import { type Condition, fillText, type TextTemplate } from '../rules/index.ts';
import { ticketFacts, type TicketFacts, type ticketFactTypes } from './facts.ts';
import { asSubject, asText, inLine } from './texts.ts';
import type { Ticket, TicketLevel } from './ticket.ts';

/** One text in the languages that it was written in, by their codes: zh, en. */
export type TextByLanguage = ReadonlyMap<string, TextTemplate>;

/** After which call, for whom, a ticket is made, where, at what level and with which text. */
export interface TicketRule {
  readonly id: string;
  /** Ways a call may have ended; none means any. The same holds for the lists below. */
  readonly after: readonly EndReason[];
  readonly queues: readonly string[];
  readonly entries: readonly string[];
  readonly tiers: readonly string[];
  readonly when?: Condition<typeof ticketFactTypes>;
  readonly deskId: string;
  readonly queue?: string;
  readonly level: TicketLevel;
  readonly subject: TextByLanguage;
  readonly text: TextByLanguage;
}

export interface RuleOutcome {
  readonly tickets: readonly Ticket[];
  /** Rules whose condition could not be answered, and why; they make no ticket. */
  readonly failed: readonly { readonly ruleId: string; readonly detail: string }[];
}

/** The tickets that an ended call leaves, at most one per rule. Pure. `markOf` gives a ticket's mark for its id. */
export function ticketsAfter(
  call: Call,
  rules: readonly TicketRule[],
  atMs: number,
  markOf: (ticketId: string) => string,
): RuleOutcome {
  const facts = ticketFacts(call);
  const tickets: Ticket[] = [];
  const failed: { ruleId: string; detail: string }[] = [];
  for (const rule of rules) {
    if (!concerns(rule, facts)) continue;
    const verdict = rule.when?.(facts) ?? { kind: 'yes' };
    if (verdict.kind === 'failed') failed.push({ ruleId: rule.id, detail: verdict.detail });
    if (verdict.kind === 'yes') tickets.push(ticketBy(rule, call, facts, atMs, markOf));
  }
  return { tickets, failed };
}

function concerns(rule: TicketRule, { call, customer }: TicketFacts): boolean {
  const admits = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);
  return (
    admits(rule.after, call.reason) &&
    admits(rule.queues, call.queue) &&
    admits(rule.entries, call.entry) &&
    admits(rule.tiers, customer.tier)
  );
}

function ticketBy(
  rule: TicketRule,
  call: Call,
  facts: TicketFacts,
  atMs: number,
  markOf: (ticketId: string) => string,
): Ticket {
  const id = `${call.id}.${rule.id}`;
  const { deskId, queue, level } = rule;
  const language = facts.call.language;
  return newTicket({
    id,
    mark: markOf(id),
    deskId,
    level,
    atMs,
    ...(queue === undefined ? {} : { queue }),
    ruleId: rule.id,
    subject: asSubject(fillText(inLanguage(rule.subject, language), facts, inLine)),
    text: asText(fillText(inLanguage(rule.text, language), facts, inLine)),
    ...partiesOf(call),
  });
}

/** Who and which call a ticket is about. */
export function partiesOf(call: Call) {
  const customerId = call.customer?.customer?.id;
  const agentId = call.talk?.agentId;
  return {
    callIds: [call.id],
    callerNumber: call.callerNumber,
    ...(customerId === undefined ? {} : { customerId }),
    ...(agentId === undefined ? {} : { agentId }),
  };
}

export type NewTicket = Pick<
  Ticket,
  | 'id'
  | 'mark'
  | 'deskId'
  | 'queue'
  | 'level'
  | 'subject'
  | 'text'
  | 'callIds'
  | 'ruleId'
  | 'agentId'
  | 'customerId'
  | 'callerNumber'
> & { readonly atMs: number };

/** A ticket that waits for its desk. */
export function newTicket({ atMs, ...given }: NewTicket): Ticket {
  const times = { notBeforeMs: 0, waitingSinceMs: atMs, createdAtMs: atMs, updatedAtMs: atMs };
  return { ...given, version: 1, phase: 'waiting', attempts: 0, status: 'new', ...times };
}

/** `zh-CN` is served by `zh`; a language that nobody wrote in by the first that somebody did. */
function inLanguage(texts: TextByLanguage, language: string): TextTemplate {
  const [main = ''] = language.toLowerCase().split(/[-_]/);
  const [first = []] = texts.values();
  return texts.get(language.toLowerCase()) ?? texts.get(main) ?? first;
}
