import { type ProblemInTemplate, TemplateChecker } from '../../../rest/index.ts';
import type { TemplateDocument } from './schema.ts';

const queryValues = ['number', 'callId', 'idempotencyKey', 'dialled', 'tenant'];

/** What only a CRM template can have wrong, and in it what every template can. */
export function checkTemplate(template: TemplateDocument): readonly ProblemInTemplate[] {
  const checker = new TemplateChecker();
  checker.text(['baseUrl'], template.baseUrl, []);
  checker.auth(template.auth);
  const roots = checker.steps(['steps'], template.steps, queryValues);
  template.steps.forEach(({ method = 'GET' }, at) => {
    if (method !== 'GET' && method !== 'POST')
      checker.say(['steps', at, 'method'], 'a lookup changes nothing: use GET or POST');
  });
  checkMatches(checker, template, roots);
  checkCustomer(checker, template.customer, roots);
  return checker.problems;
}

function checkMatches(checker: TemplateChecker, { matches, steps }: TemplateDocument, roots: readonly string[]): void {
  if (!matches) return;
  if (!steps.some((step) => step.items !== undefined))
    checker.say(['matches'], 'no step has items: remove matches or add items');
  const needsBy = matches.policy === 'newest' || matches.policy === 'byField';
  if (needsBy && matches.by === undefined)
    checker.say(['matches', 'by'], `missing: the policy ${matches.policy} needs a path`);
  if (matches.by !== undefined) checker.path(['matches', 'by'], matches.by);
  if (matches.policy === 'byField' && matches.equals === undefined)
    checker.say(['matches', 'equals'], 'missing: the policy byField needs it');
  for (const [key, field] of Object.entries(matches.candidate ?? {}))
    checker.field(['matches', 'candidate', key], field, roots);
}

function checkCustomer(
  checker: TemplateChecker,
  { purchases, openTickets, lastContact, ...fields }: TemplateDocument['customer'],
  roots: readonly string[],
): void {
  for (const [key, field] of Object.entries(fields)) checker.field(['customer', key], field, roots);
  for (const [key, list] of Object.entries({ purchases, openTickets })) {
    if (!list) continue;
    checker.path(['customer', key, 'path'], list.path);
    checker.root(['customer', key, 'from'], list.from, roots);
    for (const [part, field] of Object.entries(list.each)) checker.field(['customer', key, 'each', part], field, roots);
  }
  for (const [part, field] of Object.entries(lastContact ?? {}))
    checker.field(['customer', 'lastContact', part], field, roots);
}
