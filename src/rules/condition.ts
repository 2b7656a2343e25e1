import { conditionCharsMax, limits, unboundedPart } from './bounds.ts';
import { celEngine } from './cel.ts';
import { type FactTypes, factNames, type FactsOf } from './facts.ts';

/** `failed`: a name that a map does not have, or a number too large. `detail` names the fault, never a value. */
export type Verdict =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'failed'; readonly detail: string };

export type Condition<Types extends FactTypes> = (facts: FactsOf<Types>) => Verdict;

export type CompiledCondition<Types extends FactTypes> =
  | { readonly ok: true; readonly condition: Condition<Types> }
  | { readonly ok: false; readonly message: string; readonly mend: string };

/**
 * Reads a condition in CEL (Common Expression Language) against the facts that it may ask about. An unknown name, a
 * type that does not fit, a result that is no truth value, or work without a bound is refused here, not when a call ends.
 */
export function compileCondition<const Types extends FactTypes>(text: string, types: Types): CompiledCondition<Types> {
  if (text.length > conditionCharsMax) {
    return { ok: false, message: `longer than ${conditionCharsMax} characters`, mend: 'Split it into several rules.' };
  }
  const environment = environmentOf(types);
  try {
    const program = environment.parse(text);
    const unbounded = unboundedPart(program.ast);
    if (unbounded !== undefined) return { ok: false, message: unbounded, mend: 'Write the condition without it.' };
    const { valid, type, error } = program.check();
    if (!valid) return { ok: false, message: summaryOf(error), mend: `Known here: ${factNames(types).join(', ')}.` };
    if (type !== 'bool')
      return {
        ok: false,
        message: `gives ${type ?? 'nothing'}, not true or false`,
        mend: 'Compare it with something.',
      };
    return { ok: true, condition: (facts) => evaluate(program, types, facts) };
  } catch (error) {
    return { ok: false, message: summaryOf(error), mend: 'Mend the expression; docs/tickets.md shows some.' };
  }
}

function evaluate(program: (context: object) => unknown, types: FactTypes, facts: object): Verdict {
  try {
    return program(celValues(types, facts)) === true ? { kind: 'yes' } : { kind: 'no' };
  } catch (error) {
    return { kind: 'failed', detail: codeOf(error) };
  }
}

/** The engine takes whole numbers as BigInt only. */
function celValues(types: FactTypes, facts: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => {
      const value: unknown = Reflect.get(facts, name);
      if (typeof type !== 'string') return [name, celValues(type, value as object)];
      return [name, type === 'int' ? BigInt(Math.trunc(Number(value))) : value];
    }),
  );
}

function environmentOf(types: FactTypes) {
  const { Environment } = celEngine();
  const environment = new Environment({ limits });
  for (const [name, type] of Object.entries(types)) {
    if (typeof type === 'string') environment.registerVariable(name, celTypes[type]);
    else environment.registerVariable({ name, schema: schemaOf(type) });
  }
  return environment;
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
} as const;

/** The engine's message ends with a drawing of the place; its summary is one line. */
function summaryOf(error: unknown): string {
  const { summary, message } = error as { summary?: unknown; message?: unknown };
  if (typeof summary === 'string' && summary !== '') return summary;
  return String(message).split('\n')[0] ?? 'not understood';
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'evaluation failed';
}
