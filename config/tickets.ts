import { type Static, Type } from '../src/schema/index.ts';
import { compileCondition, type FactTypes, parseText, type TextTemplate } from '../src/rules/index.ts';
import { type TextByLanguage, type TicketRule, ticketFactTypes, ticketLevels } from '../src/tickets/ports.ts';
import { checkCondition, type Naming } from './check-rules.ts';
import { duration, formed, id, path, secret, variable } from './kinds.ts';
import type { Problems } from './problems.ts';

const hour = 3_600_000;
const day = 24 * hour;
const count = (value: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: value, minimum, maximum, description });
const list = (what: string, description: string) => Type.Array(id(what), { description, maxItems: 1_000 });
const texts = (description: string) =>
  Type.Record(Type.String({ pattern: '^[a-z]{2,3}(-[a-z0-9]{2,8})?$' }), Type.String({ description: 'a text' }), {
    description,
  });
const line = (description: string) => Type.String({ maxLength: 200, description });

const Desk = Type.Object({
  id: id('name of this desk in rules, events and the API'),
  template: Type.Optional(path('YAML file with the template; without it this is the built-in desk')),
  variables: Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$' }), variable('a text or ${env:NAME}'), {
    description: 'what the template calls its variables',
  }),
  allow: Type.Array(formed(/^[0-9a-fA-F:.]+\/\d{1,3}$/, 'an address range such as 10.1.0.0/16', 'a range'), {
    description: 'private address ranges where this desk may be',
    maxItems: 64,
  }),
  queue: Type.String({ default: '', maxLength: 200, description: "the desk's own queue for tickets that name none" }),
  deadlineMs: duration(10_000, 100, 60_000, 'search and making of one ticket have failed by then'),
  parallelMax: count(2, 1, 16, 'tickets that are made at one time'),
  pollMs: duration(60_000, 0, day, 'how often the desk is asked for changes; 0 never'),
  webhookSecret: Type.Optional(secret('signs the webhooks of the desk; without it none are taken')),
});

const Rule = Type.Object({
  id: id('name of this rule; part of the ids of its tickets'),
  after: Type.Array(
    Type.Enum(['completed', 'abandoned', 'callback', 'transferred', 'overflowed', 'refused', 'voicemail'], {
      description: 'a way in which calls end',
    }),
    { description: 'after calls that ended so; after any when empty', maxItems: 6 },
  ),
  queues: list('a queue', 'after calls of these queues; of any when empty'),
  entries: list('an entry of numbers', 'after calls to these entries; to any when empty'),
  tiers: Type.Array(Type.String({ description: 'a tier' }), {
    description: 'for customers of these tiers; for any when empty',
    maxItems: 100,
  }),
  when: Type.Optional(Type.String({ description: 'a condition in CEL, see docs/tickets.md' })),
  desk: id('the desk'),
  queue: Type.Optional(line("the desk's own queue")),
  level: Type.Enum([...ticketLevels], { default: 'normal', description: 'how much the ticket presses' }),
  subject: texts('by language, the subject; {call.callerNumber} and the like stand for facts'),
  text: texts('by language, the text'),
});

export const TicketSection = Type.Object({
  desks: Type.Array(Desk, { minItems: 1, maxItems: 20, description: 'the ticket desks' }),
  rules: Type.Array(Rule, { maxItems: 1_000, description: 'which calls leave which tickets' }),
  retryFirstMs: duration(1_000, 100, hour, 'how long a desk that failed is left alone first; doubles from there'),
  retryMaxMs: duration(60_000, 100, day, 'how long it is left alone at most'),
  giveUpAfterMs: duration(3 * day, 1_000, 400 * day, 'a ticket that has waited so long is given up (dead letter)'),
  keepMs: duration(90 * day, hour, 4_000 * day, 'tickets that are over are forgotten after so long without a change'),
  openMax: count(20_000, 100, 1_000_000, 'open tickets kept in memory for the customer cards'),
});

export type TicketSectionData = Static<typeof TicketSection>;

/** Conditions and texts are read here, once, so that what is wrong has its line. */
export function checkTickets({ desks, rules, retryFirstMs, retryMaxMs }: TicketSectionData, naming: Naming): void {
  const { refer, problems } = naming;
  const deskIds = new Set(desks.map((desk) => desk.id));
  desks.forEach((desk, at) => checkDesk(desk, `tickets.desks[${at}]`, problems));
  rules.forEach((rule, at) => {
    const key = `tickets.rules[${at}]`;
    if (!deskIds.has(rule.desk)) {
      const mend = `Name one of ${[...deskIds].join(', ')}.`;
      problems.report('dangling', `${key}.desk`, `there is no ticket desk "${rule.desk}"`, mend);
    }
    rule.queues.forEach((queue, each) => refer('queue', queue, `${key}.queues[${each}]`));
    rule.entries.forEach((entry, each) => refer('entry', entry, `${key}.entries[${each}]`));
    if (rule.when !== undefined) checkCondition(rule.when, ticketFactTypes, `${key}.when`, naming, listsOf(rule));
    checkTexts(rule.subject, `${key}.subject`, problems);
    checkTexts(rule.text, `${key}.text`, problems);
  });
  if (retryMaxMs < retryFirstMs) {
    const mend = 'Make retryMaxMs at least as long as retryFirstMs.';
    problems.report('contradiction', 'tickets.retryMaxMs', 'the longest pause is shorter than the first', mend);
  }
}

function checkDesk(
  { template, webhookSecret, allow }: TicketSectionData['desks'][number],
  key: string,
  problems: Problems,
): void {
  if (template !== undefined) return;
  const mend = 'Remove it, or give a template.';
  if (webhookSecret)
    problems.report('contradiction', `${key}.webhookSecret`, 'the built-in desk sends no webhooks', mend);
  if (allow.length > 0) problems.report('contradiction', `${key}.allow`, 'the built-in desk has no address', mend);
}

/** What the lists beside the condition say of the same facts. */
const listsOf = ({ after, queues, entries, tiers }: TicketSectionData['rules'][number]) => ({
  'call.reason': after,
  'call.queue': queues,
  'call.entry': entries,
  'customer.tier': tiers,
});

function checkTexts(given: Readonly<Record<string, string>>, key: string, problems: Problems): void {
  if (Object.keys(given).length === 0)
    problems.report('missing', key, 'there is no text in any language', 'Write zh: … or en: … below it.');
  for (const [language, text] of Object.entries(given)) {
    const parsed = parseText(text, ticketFactTypes);
    if (!parsed.ok) problems.report('bad_form', `${key}.${language}`, parsed.message, parsed.mend);
  }
}

/** Settings of the ticket office, with rules ready to be asked. */
export interface TicketConfig extends Omit<TicketSectionData, 'rules'> {
  readonly rules: readonly TicketRule[];
}

export function toTicketConfig({ rules, ...settings }: TicketSectionData): TicketConfig {
  return { ...settings, rules: rules.map(toRule) };
}

function toRule({ desk, when, subject, text, queue, ...rule }: TicketSectionData['rules'][number]): TicketRule {
  const compiled = when === undefined ? undefined : compileCondition(when, ticketFactTypes);
  return {
    ...rule,
    deskId: desk,
    subject: byLanguage(subject),
    text: byLanguage(text),
    ...(queue === undefined ? {} : { queue }),
    ...(compiled?.ok ? { when: compiled.condition } : {}),
  };
}

const byLanguage = (given: Readonly<Record<string, string>>): TextByLanguage =>
  new Map(Object.entries(given).map(([language, text]) => [language, templateOf(text, ticketFactTypes)]));

/** Checked before, so the text is good. */
function templateOf(text: string, types: FactTypes): TextTemplate {
  const parsed = parseText(text, types);
  return parsed.ok ? parsed.template : [];
}
