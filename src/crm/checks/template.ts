import {
  type AuthDocument,
  type ParsedTemplate,
  parseTemplateFile,
  type ProblemInTemplate,
  shape,
  TemplateChecker,
  type TemplateFile,
} from '../../rest/index.ts';
import { type Static, Type } from '../../schema/index.ts';

const { closed, field, heading, optional, step } = shape;

/** The form of a template that asks whether there is such a number. */
const schema = Type.Object(
  {
    ...heading,
    steps: Type.Array(step, { minItems: 1, maxItems: 3 }),
    /** What of the answer is attached to the call, by name. */
    found: optional(Type.Record(Type.String({ pattern: '^[a-z][a-zA-Z0-9]{0,31}$' }), field, { maxProperties: 10 })),
  },
  closed,
);

export type CheckDocument = Static<typeof schema> & { readonly auth: AuthDocument };
export type CheckTemplate = TemplateFile<CheckDocument>;

const values = ['value', 'number', 'customerId', 'callId'];

function check(template: CheckDocument): readonly ProblemInTemplate[] {
  const checker = new TemplateChecker();
  checker.text(['baseUrl'], template.baseUrl, []);
  checker.auth(template.auth);
  const roots = checker.steps(['steps'], template.steps, values);
  template.steps.forEach(({ method = 'GET' }, at) => {
    if (method !== 'GET' && method !== 'POST')
      checker.say(['steps', at, 'method'], 'a check changes nothing: use GET or POST');
  });
  for (const [name, one] of Object.entries(template.found ?? {})) checker.field(['found', name], one, roots);
  return checker.problems;
}

/** Reads a template of a check (YAML). `fileName` is only for the problems. Never throws. */
export function parseCheckTemplate(yamlText: string, fileName: string): ParsedTemplate<CheckDocument> {
  return parseTemplateFile({ schema, check }, yamlText, fileName);
}
