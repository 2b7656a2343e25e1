import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { errorText, nearest } from '../kernel/index.ts';
import { conditionCharsMax, limits, unboundedPart } from './bounds.ts';
import { celEngine } from './cel.ts';
import { type FactTypes, factNames } from './facts.ts';

/** Why a text is refused: what is wrong, and how to mend it. Shows no value of a call. */
export interface Refusal {
  readonly ok: false;
  readonly message: string;
  readonly mend: string;
}

export type Program = (context: object) => unknown;

/** An expression that was read, has the right types and takes a bounded time. */
export interface Read {
  readonly ok: true;
  readonly ast: ASTNode;
  readonly program: Program;
  /** CEL's name of what it gives: `bool`, `string`, … */
  readonly type: string;
}

/** Reads an expression in CEL that may ask about `types` and nothing else. Never throws. */
export function read(text: string, types: FactTypes): Read | Refusal {
  if (text.length > conditionCharsMax) {
    return { ok: false, message: `longer than ${conditionCharsMax} characters`, mend: 'Split it into several rules.' };
  }
  try {
    const program = environmentOf(types).parse(text);
    const unbounded = unboundedPart(program.ast);
    if (unbounded !== undefined) return { ok: false, message: unbounded, mend: 'Write the condition without it.' };
    const { valid, type, error } = program.check();
    if (valid) return { ok: true, ast: program.ast, program, type: type ?? 'nothing' };
    return { ok: false, message: summaryOf(error), mend: suggestion(text, error, types) };
  } catch (error) {
    return { ok: false, message: summaryOf(error), mend: 'Mend the expression; docs/routing-rules.md shows some.' };
  }
}

/** The known name that a misspelt one was meant to be; else all that is known. */
function suggestion(text: string, error: unknown, types: FactTypes): string {
  const { range } = error as { range?: { start: number; end: number } };
  const names = factNames(types);
  const word = range ? text.slice(range.start, range.end) : '';
  const words = [...new Set(names.flatMap((name) => name.split('.')))].filter((part) => part !== '*');
  const near = /^\w{1,64}$/.test(word) ? nearest(word, words) : undefined;
  return near === undefined || near === word ? `Known here: ${names.join(', ')}.` : `Did you mean "${near}"?`;
}

const extensions = new WeakMap<FactTypes, Map<FactTypes, FactTypes>>();

/** The same names for the same two, so that they share one environment. */
export function extended(types: FactTypes, more: FactTypes): FactTypes {
  const known = extensions.get(types) ?? new Map<FactTypes, FactTypes>();
  extensions.set(types, known);
  const all = known.get(more) ?? { ...types, ...more };
  known.set(more, all);
  return all;
}

const environments = new WeakMap<FactTypes, Environment>();

/** Made once for each set of names: a configuration has many expressions. */
function environmentOf(types: FactTypes): Environment {
  const known = environments.get(types);
  if (known) return known;
  const { Environment } = celEngine();
  const environment = new Environment({ limits });
  for (const [name, type] of Object.entries(types)) {
    if (typeof type === 'string') environment.registerVariable(name, celTypes[type]);
    else environment.registerVariable({ name, schema: schemaOf(type) });
  }
  environments.set(types, environment);
  return environment;
}

/** A part of an expression that was read, as a program of its own. */
export function programOf(part: ASTNode, types: FactTypes): Program {
  return environmentOf(types).parse(celEngine().serialize(part));
}

interface Schema {
  [name: string]: string | Schema;
}

const schemaOf = (types: FactTypes): Schema =>
  Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, typeof type === 'string' ? celTypes[type] : schemaOf(type)]),
  );

const celTypes = {
  string: 'string',
  int: 'int',
  double: 'double',
  bool: 'bool',
  list: 'list<string>',
  map: 'map<string, string>',
  levels: 'map<string, int>',
} as const;

/** The facts as the engine takes them: whole numbers are BigInt. */
export function celValues(types: FactTypes, facts: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => {
      const value: unknown = Reflect.get(facts, name);
      if (typeof type !== 'string') return [name, celValues(type, value as object)];
      return [name, type === 'int' ? BigInt(Math.trunc(Number(value))) : value];
    }),
  );
}

/** The engine's message ends with a drawing of the place; its summary is one line. */
function summaryOf(error: unknown): string {
  const { summary } = error as { summary?: unknown };
  if (typeof summary === 'string' && summary !== '') return summary;
  return errorText(error).split('\n')[0] ?? 'not understood';
}
