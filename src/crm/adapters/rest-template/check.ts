import { mappingFunctions } from './functions.ts';
import { parsePath } from './path.ts';
import type { Problem } from './problems.ts';
import type { ConditionDocument, FieldDocument, RequestDocument, TemplateDocument } from './schema.ts';
import { parseText } from './text.ts';

const queryValues = ['number', 'callId', 'idempotencyKey', 'dialled', 'tenant'];

/** Finds what the schema cannot: bad paths and placeholders, unknown functions, steps that refer to later ones. */
export function checkTemplate(template: TemplateDocument): Problem[] {
  return new Checker(template).run();
}

class Checker {
  private readonly template: TemplateDocument;
  private readonly problems: Problem[] = [];

  constructor(template: TemplateDocument) {
    this.template = template;
  }

  run(): Problem[] {
    this.text(['baseUrl'], this.template.baseUrl, []);
    this.auth();
    this.steps();
    this.matches();
    this.customer();
    return this.problems;
  }

  private say(path: readonly (string | number)[], message: string): void {
    this.problems.push({ path: path.map(String), message });
  }

  private steps(): void {
    const { steps } = this.template;
    const roots: string[] = [];
    steps.forEach((step, at) => {
      const here = ['steps', at];
      if (step.id === 'item' || queryValues.includes(step.id))
        this.say([...here, 'id'], 'this name is taken: choose another');
      if (roots.includes(step.id)) this.say([...here, 'id'], 'another step has this id: choose another');
      if (!step.url.startsWith('/')) this.say([...here, 'url'], 'must begin with /, it is put behind baseUrl');
      this.request(here, step, [...queryValues, ...roots.map((id) => `${id}.`)]);
      this.condition([...here, 'noneWhen'], step.noneWhen);
      if (step.items !== undefined) {
        this.path([...here, 'items'], step.items);
        if (roots.includes('item'))
          this.say([...here, 'items'], 'another step has items already: only one step may find matches');
        roots.push('item');
      }
      roots.push(step.id);
    });
  }

  private request(here: readonly (string | number)[], request: RequestDocument, values: readonly string[]): void {
    this.text([...here, 'url'], request.url, values);
    for (const part of ['query', 'headers', 'form'] as const) {
      for (const [key, text] of Object.entries(request[part] ?? {})) this.text([...here, part, key], text, values);
    }
    this.tree([...here, 'json'], request.json, values, 0);
    if (request.json !== undefined && request.form !== undefined)
      this.say([...here, 'form'], 'json is given too: keep one of them');
    if ((request.json !== undefined || request.form !== undefined) && request.method !== 'POST') {
      this.say([...here, 'method'], 'a body needs method: POST');
    }
    this.condition([...here, 'successWhen'], request.successWhen);
  }

  private tree(here: readonly (string | number)[], value: unknown, values: readonly string[], depth: number): void {
    if (depth > 8) return this.say(here, 'nested more than 8 deep: flatten it');
    if (typeof value === 'string') return this.text(here, value, values);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) this.tree([...here, key], item, values, depth + 1);
  }

  private text(here: readonly (string | number)[], text: string, values: readonly string[]): void {
    const parts = parseText(text);
    if (typeof parts === 'string') return this.say(here, parts);
    for (const part of parts) {
      if (part.kind !== 'value') continue;
      const known = values.some((value) => (value.endsWith('.') ? part.name.startsWith(value) : part.name === value));
      if (!known) {
        const offer =
          values.map((value) => (value.endsWith('.') ? `${value}<path>` : value)).join(', ') || 'no values here';
        this.say(here, `{${part.name}} is not known here: use ${offer}`);
      } else if (part.name.includes('.')) {
        this.path(here, part.name);
      }
    }
  }

  private path(here: readonly (string | number)[], path: string): void {
    const parsed = parsePath(path);
    if (typeof parsed === 'string') this.say(here, `the path ${parsed}`);
  }

  private condition(here: readonly (string | number)[], condition: ConditionDocument | undefined): void {
    condition?.body?.forEach((test, at) => {
      this.path([...here, 'body', at, 'path'], test.path);
      const tests = [test.equals, test.in, test.exists].filter((value) => value !== undefined);
      if (tests.length !== 1) this.say([...here, 'body', at], 'needs exactly one of equals, in and exists');
    });
  }

  private auth(): void {
    const { auth } = this.template;
    if (auth.type === 'basic') {
      this.text(['auth', 'username'], auth.username, []);
      this.text(['auth', 'password'], auth.password, []);
    } else if (auth.type === 'bearer') {
      this.text(['auth', 'token'], auth.token, []);
    } else if (auth.type === 'header') {
      this.headerName(['auth', 'name'], auth.name);
      this.text(['auth', 'value'], auth.value, []);
    } else if (auth.type === 'oauth2ClientCredentials') {
      this.tokenUrl(['auth', 'tokenUrl'], auth.tokenUrl);
      for (const key of ['clientId', 'clientSecret'] as const) this.text(['auth', key], auth[key], []);
      this.condition(['auth', 'expiredWhen'], auth.expiredWhen);
    } else if (auth.type === 'tokenStep') {
      this.tokenUrl(['auth', 'url'], auth.url);
      this.request(['auth'], auth, []);
      this.path(['auth', 'token'], auth.token);
      if (auth.expiresInS !== undefined) this.path(['auth', 'expiresInS'], auth.expiresInS);
      if (auth.header !== undefined) this.headerName(['auth', 'header'], auth.header);
      this.condition(['auth', 'expiredWhen'], auth.expiredWhen);
    }
  }

  private tokenUrl(here: readonly string[], url: string): void {
    this.text(here, url, []);
    if (!/^(?:\/|https?:\/\/|\$\{)/.test(url)) this.say(here, 'must begin with / or http');
  }

  private headerName(here: readonly string[], name: string): void {
    if (!/^[A-Za-z0-9-]{1,64}$/.test(name)) this.say(here, 'is no header name');
  }

  private matches(): void {
    const { matches, steps } = this.template;
    if (!matches) return;
    if (!steps.some((step) => step.items !== undefined))
      this.say(['matches'], 'no step has items: remove matches or add items');
    const needsBy = matches.policy === 'newest' || matches.policy === 'byField';
    if (needsBy && matches.by === undefined)
      this.say(['matches', 'by'], `missing: the policy ${matches.policy} needs a path`);
    if (matches.by !== undefined) this.path(['matches', 'by'], matches.by);
    if (matches.policy === 'byField' && matches.equals === undefined)
      this.say(['matches', 'equals'], 'missing: the policy byField needs it');
    for (const [key, field] of Object.entries(matches.candidate ?? {}))
      this.field(['matches', 'candidate', key], field);
  }

  private customer(): void {
    const { purchases, openTickets, lastContact, ...fields } = this.template.customer;
    for (const [key, field] of Object.entries(fields)) this.field(['customer', key], field);
    for (const [key, list] of Object.entries({ purchases, openTickets })) {
      if (!list) continue;
      this.path(['customer', key, 'path'], list.path);
      this.root(['customer', key, 'from'], list.from);
      for (const [part, field] of Object.entries(list.each)) this.field(['customer', key, 'each', part], field);
    }
    for (const [part, field] of Object.entries(lastContact ?? {})) this.field(['customer', 'lastContact', part], field);
  }

  private field(here: readonly string[], field: FieldDocument): void {
    if (typeof field === 'string') return this.path(here, field);
    if ((field.path === undefined) === (field.value === undefined)) this.say(here, 'needs either path or value');
    if (field.path !== undefined) this.path([...here, 'path'], field.path);
    this.root([...here, 'from'], field.from);
    field.apply?.forEach((use, at) => {
      const [name, args] = typeof use === 'string' ? [use, undefined] : (Object.entries(use)[0] ?? ['', undefined]);
      const known = Object.hasOwn(mappingFunctions, name) ? mappingFunctions[name] : undefined;
      const wrong = known
        ? known.check(args)
        : `no such function: use one of ${Object.keys(mappingFunctions).join(', ')}`;
      if (wrong) this.say([...here, 'apply', at], known ? `${name} ${wrong}` : wrong);
    });
  }

  private root(here: readonly string[], root: string | undefined): void {
    const { steps } = this.template;
    const known = [
      ...steps.map((step) => step.id),
      ...(steps.some((step) => step.items !== undefined) ? ['item'] : []),
    ];
    if (root !== undefined && !known.includes(root)) this.say(here, `no such step: use one of ${known.join(', ')}`);
  }
}
