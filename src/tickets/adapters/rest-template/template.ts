import {
  type ParsedTemplate,
  parseTemplateFile,
  type ProblemInTemplate,
  TemplateChecker,
  type TemplateFile,
} from '../../../rest/index.ts';
import { type DeskTemplateDocument, deskTemplateSchema, type TicketFields } from './schema.ts';

/** A ticket desk's template that passed every check. */
export type DeskTemplate = TemplateFile<DeskTemplateDocument>;

/** Reads a ticket desk's template (YAML). `fileName` is only for the problems. Never throws. */
export function parseDeskTemplate(yamlText: string, fileName: string): ParsedTemplate<DeskTemplateDocument> {
  return parseTemplateFile({ schema: deskTemplateSchema, check }, yamlText, fileName);
}

export const draftValues = [
  'mark',
  'ticketId',
  'queue',
  'level',
  'subject',
  'text',
  'callId',
  'customerId',
  'callerNumber',
  'agentId',
] as const;

function check(template: DeskTemplateDocument): readonly ProblemInTemplate[] {
  const checker = new TemplateChecker();
  const { create, find, read, setStatus, changes, webhook } = template;
  checker.text(['baseUrl'], template.baseUrl, []);
  if (template.ticketUrl !== undefined) checker.text(['ticketUrl'], template.ticketUrl, ['id']);
  checker.auth(template.auth);
  const chain = (name: string, { steps, ticket }: typeof create, given: readonly string[]): void =>
    fields(checker, [name, 'ticket'], ticket, checker.steps([name, 'steps'], steps, given));
  chain('create', create, draftValues);
  chain('read', read, ['id']);
  if (find) chain('find', find, ['mark']);
  if (setStatus) chain('setStatus', setStatus, ['id', 'status']);
  if (changes) {
    const roots = checker.steps(['changes', 'step'], [changes.step], ['since', 'page', 'pageSize']);
    fields(checker, ['changes', 'ticket'], changes.ticket, roots);
    if (changes.step.items === undefined)
      checker.say(['changes', 'step', 'items'], 'missing: name the list of tickets');
  }
  if (webhook) checker.path(['webhook', 'id'], webhook.id);
  // A ticket whose making had no answer would be made twice, or not at all.
  if ((find === undefined) === (template.repeats === undefined))
    checker.say(['find'], 'give either find, or repeats: same for a desk that knows a repeated mark');
  return checker.problems;
}

function fields(
  checker: TemplateChecker,
  here: readonly string[],
  ticket: TicketFields,
  roots: readonly string[],
): void {
  for (const [name, field] of Object.entries(ticket)) checker.field([...here, name], field, roots);
}
