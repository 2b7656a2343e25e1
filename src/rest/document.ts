import { createHash } from 'node:crypto';
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { TSchema } from '../schema/index.ts';
import { type ProblemInTemplate, schemaProblems } from './problems.ts';
import { authSchemas } from './schema.ts';

/** One thing wrong in a template file. `line` and `column` count from 1; `key` is the dotted path. */
export interface TemplateProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly key: string;
  readonly message: string;
}

/** A template that passed every check; `revision` changes with its text. */
export interface TemplateFile<Document> {
  readonly document: Document;
  readonly revision: string;
}

export type ParsedTemplate<Document> =
  | { readonly kind: 'template'; readonly template: TemplateFile<Document> }
  | { readonly kind: 'problems'; readonly problems: readonly TemplateProblem[] };

/** What makes a kind of template: its schema, and what the schema cannot say. */
export interface TemplateKind<Document> {
  readonly schema: TSchema;
  readonly check: (document: Document) => readonly ProblemInTemplate[];
}

const CHARS_MAX = 65_536;

/** Reads a template (YAML). `fileName` is only for the problems. Never throws. */
export function parseTemplateFile<Document>(
  kind: TemplateKind<Document>,
  yamlText: string,
  fileName: string,
): ParsedTemplate<Document> {
  const lines = new LineCounter();
  const problem = (offset: number, key: string, message: string): TemplateProblem => {
    const { line, col } = lines.linePos(offset);
    return { file: fileName, line: Math.max(1, line), column: Math.max(1, col), key, message };
  };
  if (yamlText.length > CHARS_MAX) {
    return { kind: 'problems', problems: [problem(0, '', `longer than ${CHARS_MAX} characters: shorten it`)] };
  }
  const document = parseDocument(yamlText, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [syntax] = document.errors;
  if (syntax) return { kind: 'problems', problems: [problem(syntax.pos[0], '', syntax.message)] };
  const value = plainValue(document);
  if (value === undefined) {
    return { kind: 'problems', problems: [problem(0, '', 'aliases are not allowed: write the value out')] };
  }
  const problems = problemsIn(kind, value).map(({ path, message }) =>
    problem(offsetOf(document, path), path.join('.'), message),
  );
  if (problems.length > 0) return { kind: 'problems', problems };
  const revision = createHash('sha256').update(yamlText).digest('hex').slice(0, 10);
  return { kind: 'template', template: { document: value as Document, revision } };
}

/** One line per problem, as shown to who starts the server. */
export function problemText({ file, line, column, key, message }: TemplateProblem): string {
  return `${file}:${line}:${column}: ${key ? `${key}: ` : ''}${message}`;
}

function plainValue(document: Document): unknown {
  try {
    // No aliases: they are not needed here and can blow a small file up to gigabytes.
    return document.toJS({ maxAliasCount: 0 }) ?? null;
  } catch {
    return undefined;
  }
}

function problemsIn<Document>(kind: TemplateKind<Document>, value: unknown): readonly ProblemInTemplate[] {
  const problems = schemaProblems(kind.schema, value);
  const auth = authOf(value);
  if (auth) problems.push(...authProblems(auth));
  return problems.length > 0 ? problems : kind.check(value as Document);
}

const authOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'auth' in value ? value.auth : undefined;

/** The kind of authentication is settled first, so that its own keys are checked and not those of all kinds. */
function authProblems(auth: unknown): ProblemInTemplate[] {
  const type = typeof auth === 'object' && auth !== null && 'type' in auth ? String(auth.type) : '';
  if (!Object.hasOwn(authSchemas, type)) {
    return [{ path: ['auth', 'type'], message: `must be one of ${Object.keys(authSchemas).join(', ')}` }];
  }
  return schemaProblems(authSchemas[type as keyof typeof authSchemas], auth, ['auth']);
}

/** Where the deepest part of a path that exists begins in the file. */
function offsetOf(document: Document, path: readonly string[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const segment of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === segment);
      if (!pair) break;
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(segment)];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else {
      break;
    }
  }
  return offset;
}
