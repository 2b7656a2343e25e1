import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Scalar } from 'yaml';
import { type TArray, type TObject, type TRecord, type TSchema, Type } from '../src/schema/index.ts';
import { kindOf } from './kinds.ts';
import { nearest } from '../src/kernel/index.ts';
import type { Problems } from './problems.ts';
import {
  durationText,
  type Parsed,
  parseDestination,
  parseDuration,
  parsePath,
  parseSecret,
  parseSecretUrl,
  parseTarget,
  parseVariable,
  type ScalarProblem,
  type Surroundings,
  shown,
} from './scalars.ts';

export interface Decoding {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly problems: Problems;
  readonly around: Surroundings;
}

type Limits = { minimum?: number; maximum?: number; pattern?: string; 'x-form'?: string; default?: unknown };
type Found = Node | null | undefined;

/**
 * Reads a YAML node as the schema says: fills in defaults, and reports each deviation at its key.
 * What is broken yields a stand-in, so that the rest is read as well; callers must look at `problems` first.
 */
export function decode(schema: TSchema, found: Found, key: string, at: Decoding): unknown {
  const node = isAlias(found) ? found.resolve(at.document) : found;
  if (node?.range) at.problems.place(key, at.lines.linePos(node.range[0]).line);
  const { default: fallback } = schema as Limits;
  if (isAbsent(node) && fallback !== undefined) return fallback;
  if (Type.IsObject(schema)) return decodeObject(schema, node, key, at);
  if (Type.IsRecord(schema)) return decodeRecord(schema, node, key, at);
  if (Type.IsArray(schema)) return decodeArray(schema, node, key, at);
  return decodeScalar(schema, node, key, at);
}

const isAbsent = (node: Found): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null);

function decodeObject(schema: TObject, node: Found, key: string, at: Decoding): unknown {
  const result: Record<string, unknown> = {};
  // A section that is none is read on as an empty one: what looks at the whole finds everything in its place.
  const pairs = mapPairs(node, key, 'a section with keys', at) ?? new Map<string, never>();
  for (const [name, , line] of pairs.values()) {
    if (Object.hasOwn(schema.properties, name)) continue;
    const child = childKey(key, name);
    at.problems.place(child, line);
    reportUnknown(child, name, Object.keys(schema.properties), at.problems);
  }
  for (const [name, property] of Object.entries(schema.properties)) {
    const [, value, line] = pairs.get(name) ?? [];
    const child = childKey(key, name);
    if (isAbsent(value) && Type.IsOptional(property)) continue;
    if (line !== undefined) at.problems.place(child, line);
    result[name] = decode(property, value, child, at);
  }
  return result;
}

function reportUnknown(key: string, name: string, known: readonly string[], problems: Problems): void {
  const near = nearest(name, known);
  const mend = near === undefined ? `Remove it; known here: ${known.join(', ')}.` : `Did you mean "${near}"?`;
  problems.report('unknown_key', key, `unknown key "${name}"`, mend);
}

function decodeRecord(schema: TRecord, node: Found, key: string, at: Decoding): unknown {
  const [pattern, item] = Object.entries(schema.patternProperties)[0] ?? ['', Type.Unknown()];
  const result: Record<string, unknown> = {};
  for (const [name, value, line] of mapPairs(node, key, 'a section of names and values', at)?.values() ?? []) {
    const child = childKey(key, name);
    at.problems.place(child, line);
    if (!new RegExp(pattern).test(name) || name === '__proto__') {
      at.problems.report(
        'bad_form',
        child,
        `${shown(name)} is not a good name`,
        `Write ${(schema as Limits)['x-form'] ?? 'letters, digits, ".", "_" and "-"'}.`,
      );
      continue;
    }
    result[name] = decode(item, value, child, at);
  }
  return result;
}

function decodeArray(schema: TArray, node: Found, key: string, at: Decoding): unknown {
  const { minItems = 0, maxItems } = schema as { minItems?: number; maxItems?: number };
  if (!isSeq(node)) {
    if (!isAbsent(node))
      at.problems.report('wrong_type', key, 'this must be a list', 'Write each item on a line that begins with "- ".');
    else if (minItems > 0)
      at.problems.report('missing', key, 'this list is missing', `Add it with at least ${minItems} item.`);
    return [];
  }
  if (node.items.length < minItems || node.items.length > (maxItems ?? Number.POSITIVE_INFINITY)) {
    const most = maxItems === undefined ? '' : ` and at most ${maxItems}`;
    at.problems.report(
      'out_of_range',
      key,
      `the list has ${node.items.length} items`,
      `Give at least ${minItems}${most}.`,
    );
  }
  return node.items.map((item, index) => decode(schema.items, item as Found, `${key}[${index}]`, at));
}

function decodeScalar(schema: TSchema, node: Found, key: string, at: Decoding): unknown {
  const fail = (parsed: ScalarProblem) => at.problems.report(parsed.kind, key, parsed.message, parsed.mend);
  if (isAbsent(node)) {
    const { description } = schema as { description?: string };
    fail({ ok: false, kind: 'missing', message: 'this is missing', mend: `Add it: ${description ?? 'a value'}.` });
    return standIn(schema);
  }
  const parsed = isScalar(node) ? parseScalar(schema, node, key, at.around) : notScalar;
  if (!parsed.ok) {
    fail(parsed);
    return standIn(schema);
  }
  return parsed.value;
}

const notScalar: ScalarProblem = {
  ok: false,
  kind: 'wrong_type',
  message: 'this must be a single value',
  mend: 'Write one value instead of a section or list.',
};

/** Scalars that were written bare, such as `number: 4000`, are taken as text where text is asked for, digit by digit. */
const textOf = (node: Scalar): unknown =>
  typeof node.value === 'number' && node.source !== undefined ? node.source : node.value;

function parseScalar(schema: TSchema, node: Scalar, key: string, around: Surroundings): Parsed<unknown> {
  const raw = node.value;
  switch (kindOf(schema)) {
    case 'duration':
      return inRange(parseDuration(raw), schema, durationText);
    case 'secret':
      return parseSecret(raw, around);
    case 'secretUrl':
      return parseSecretUrl(raw, around);
    case 'variable':
      return parseVariable(key.slice(key.lastIndexOf('.') + 1), raw, around);
    case 'target':
      return parseTarget(raw);
    case 'destination':
      return parseDestination(raw);
    case 'path':
      return parsePath(raw, around);
    case undefined:
      return parsePlain(schema, textOf(node), raw);
  }
}

function parsePlain(schema: TSchema, text: unknown, raw: unknown): Parsed<unknown> {
  const wrong = (expected: string): ScalarProblem => ({
    ok: false,
    kind: 'wrong_type',
    message: `${shown(raw)} is not ${expected}`,
    mend: `Write ${expected}.`,
  });
  if (Type.IsEnum(schema)) {
    if (schema.enum.includes(raw as string)) return { ok: true, value: raw };
    const near = typeof raw === 'string' ? nearest(raw, schema.enum.map(String)) : undefined;
    return {
      ...wrong('one of the known words'),
      mend: `${near === undefined ? '' : `Did you mean "${near}"? `}Known: ${schema.enum.join(', ')}.`,
    };
  }
  if (Type.IsBoolean(schema)) return typeof raw === 'boolean' ? { ok: true, value: raw } : wrong('true or false');
  if (Type.IsInteger(schema) || Type.IsNumber(schema)) {
    const good = Type.IsInteger(schema) ? Number.isSafeInteger(raw) : Number.isFinite(raw);
    return good
      ? inRange({ ok: true, value: raw as number }, schema, String)
      : wrong(Type.IsInteger(schema) ? 'a whole number' : 'a number');
  }
  if (typeof text !== 'string') return wrong('a text');
  const { pattern, 'x-form': form = 'a text of the right form' } = schema as Limits;
  if (pattern === undefined || new RegExp(pattern).test(text)) return { ok: true, value: text };
  return { ok: false, kind: 'bad_form', message: `${shown(text)} has the wrong form`, mend: `Write ${form}.` };
}

function inRange(parsed: Parsed<number>, schema: TSchema, show: (value: number) => string): Parsed<number> {
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema as Limits;
  if (!parsed.ok || (parsed.value >= minimum && parsed.value <= maximum)) return parsed;
  const message = `${show(parsed.value)} is out of range`;
  return { ok: false, kind: 'out_of_range', message, mend: `Give a value from ${show(minimum)} to ${show(maximum)}.` };
}

/** Something of about the right type for later checks to chew on; never leaves the loader, because a problem was reported. */
function standIn(schema: TSchema): unknown {
  if (kindOf(schema) === 'target' || kindOf(schema) === 'destination') return { kind: 'hangup' };
  return Type.IsString(schema) || kindOf(schema) !== 'duration' ? '' : 0;
}

const childKey = (key: string, name: string): string => (key === '' ? name : `${key}.${name}`);

type Pairs = ReadonlyMap<string, readonly [name: string, value: Found, line: number]>;

/** The pairs of a map by name; an absent map has none. Undefined, and reported, when it is something else. */
function mapPairs(node: Found, key: string, expected: string, at: Decoding): Pairs | undefined {
  if (isAbsent(node)) return new Map();
  if (!isMap(node)) {
    at.problems.report('wrong_type', key, `this must be ${expected}`, 'Write "name: value" lines, indented below it.');
    return undefined;
  }
  return new Map(
    node.items.map((pair) => {
      const keyNode = pair.key as Scalar;
      const name = String(isScalar(keyNode) ? textOf(keyNode) : keyNode);
      const line = at.lines.linePos(keyNode.range?.[0] ?? 0).line;
      return [name, [name, pair.value as Found, line] as const];
    }),
  );
}
