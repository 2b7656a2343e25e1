import { mappingFunctions } from './functions.ts';
import { parsePath } from './path.ts';
import type { ProblemInTemplate } from './problems.ts';
import type { AuthDocument, ConditionDocument, FieldDocument, RequestDocument, StepDocument } from './schema.ts';
import { parseText } from './text.ts';

type Place = readonly (string | number)[];

/**
 * Finds what a schema cannot: bad paths and placeholders, unknown functions, steps that refer to later ones. Each kind
 * of template asks for its own parts and reads `problems` at the end.
 */
export class TemplateChecker {
  readonly problems: ProblemInTemplate[] = [];

  say(path: Place, message: string): void {
    this.problems.push({ path: path.map(String), message });
  }

  /** The steps of a chain; gives the roots that fields may name afterwards. `given` are the values of the first. */
  steps(here: Place, steps: readonly StepDocument[], given: readonly string[]): readonly string[] {
    const roots: string[] = [];
    let hasMatches = false;
    steps.forEach((step, at) => {
      const place = [...here, at];
      const known = hasMatches ? [...roots, 'item'] : roots;
      this.step(place, step, given, known);
      if (step.items !== undefined && hasMatches)
        this.say([...place, 'items'], 'another step has items already: only one step may find matches');
      hasMatches ||= step.items !== undefined;
      roots.push(step.id);
    });
    return hasMatches ? [...roots, 'item'] : roots;
  }

  private step(here: Place, step: StepDocument, given: readonly string[], known: readonly string[]): void {
    if (step.id === 'item' || given.includes(step.id)) this.say([...here, 'id'], 'this name is taken: choose another');
    if (known.includes(step.id)) this.say([...here, 'id'], 'another step has this id: choose another');
    if (!step.url.startsWith('/')) this.say([...here, 'url'], 'must begin with /, it is put behind baseUrl');
    this.request(here, step, [...given, ...known.map((id) => `${id}.`)]);
    this.condition([...here, 'noneWhen'], step.noneWhen);
    if (step.items !== undefined) this.path([...here, 'items'], step.items);
  }

  request(here: Place, request: RequestDocument, values: readonly string[]): void {
    this.text([...here, 'url'], request.url, values);
    for (const part of ['query', 'headers', 'form'] as const) {
      for (const [key, text] of Object.entries(request[part] ?? {})) this.text([...here, part, key], text, values);
    }
    this.tree([...here, 'json'], request.json, values, 0);
    if (request.json !== undefined && request.form !== undefined)
      this.say([...here, 'form'], 'json is given too: keep one of them');
    if ((request.json !== undefined || request.form !== undefined) && (request.method ?? 'GET') === 'GET') {
      this.say([...here, 'method'], 'a body needs method: POST, PUT or PATCH');
    }
    this.condition([...here, 'successWhen'], request.successWhen);
  }

  private tree(here: Place, value: unknown, values: readonly string[], depth: number): void {
    if (depth > 8) return this.say(here, 'nested more than 8 deep: flatten it');
    if (typeof value === 'string') return this.text(here, value, values);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) this.tree([...here, key], item, values, depth + 1);
  }

  text(here: Place, text: string, values: readonly string[]): void {
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

  path(here: Place, path: string): void {
    const parsed = parsePath(path);
    if (typeof parsed === 'string') this.say(here, `the path ${parsed}`);
  }

  condition(here: Place, condition: ConditionDocument | undefined): void {
    condition?.body?.forEach((test, at) => {
      this.path([...here, 'body', at, 'path'], test.path);
      const tests = [test.equals, test.in, test.exists].filter((value) => value !== undefined);
      if (tests.length !== 1) this.say([...here, 'body', at], 'needs exactly one of equals, in and exists');
    });
  }

  auth(auth: AuthDocument): void {
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

  private tokenUrl(here: Place, url: string): void {
    this.text(here, url, []);
    if (!/^(?:\/|https?:\/\/|\$\{)/.test(url)) this.say(here, 'must begin with / or http');
  }

  private headerName(here: Place, name: string): void {
    if (!/^[A-Za-z0-9-]{1,64}$/.test(name)) this.say(here, 'is no header name');
  }

  /** A field of a mapping; `roots` are the steps whose answers it may be taken from. */
  field(here: Place, field: FieldDocument, roots: readonly string[]): void {
    if (typeof field === 'string') return this.path(here, field);
    if ((field.path === undefined) === (field.value === undefined)) this.say(here, 'needs either path or value');
    if (field.path !== undefined) this.path([...here, 'path'], field.path);
    this.root([...here, 'from'], field.from, roots);
    field.apply?.forEach((use, at) => {
      const [name, args] = typeof use === 'string' ? [use, undefined] : (Object.entries(use)[0] ?? ['', undefined]);
      const known = Object.hasOwn(mappingFunctions, name) ? mappingFunctions[name] : undefined;
      const wrong = known
        ? known.check(args)
        : `no such function: use one of ${Object.keys(mappingFunctions).join(', ')}`;
      if (wrong) this.say([...here, 'apply', at], known ? `${name} ${wrong}` : wrong);
    });
  }

  root(here: Place, root: string | undefined, roots: readonly string[]): void {
    if (root !== undefined && !roots.includes(root)) this.say(here, `no such step: use one of ${roots.join(', ')}`);
  }
}
