import type { FactTypes, FactsOf } from './facts.ts';
import { celValues, type Program, read } from './language.ts';
import { type NamedThing, namesIn } from './names.ts';
import { contradiction } from './never.ts';

/** `failed`: a name that a map does not have, or a number too large. `detail` names the fault, never a value. */
export type Verdict =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'failed'; readonly detail: string };

export type Condition<Types extends FactTypes> = (facts: FactsOf<Types>) => Verdict;

export type CompiledCondition<Types extends FactTypes> =
  | {
      readonly ok: true;
      readonly condition: Condition<Types>;
      readonly names: readonly NamedThing[];
      /** Why it can never be true. */
      readonly never: string | undefined;
    }
  | { readonly ok: false; readonly message: string; readonly mend: string };

/**
 * Reads a condition in CEL (Common Expression Language) against the facts that it may ask about. An unknown name, a
 * type that does not fit, a result that is no truth value, or work without a bound is refused here, not when a call ends.
 */
export function compileCondition<const Types extends FactTypes>(text: string, types: Types): CompiledCondition<Types> {
  const found = read(text, types);
  if (!found.ok) return found;
  const { program, type } = found;
  if (type !== 'bool') return { ok: false, message: `gives ${type}, not true or false`, mend: compareMend };
  return {
    ok: true,
    condition: (facts) => evaluate(program, types, facts),
    names: namesIn(found.ast),
    never: contradiction(found.ast),
  };
}

export const compareMend = 'Compare it with something.';

function evaluate(program: Program, types: FactTypes, facts: object): Verdict {
  try {
    return program(celValues(types, facts)) === true ? { kind: 'yes' } : { kind: 'no' };
  } catch (error) {
    return { kind: 'failed', detail: codeOf(error) };
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'evaluation failed';
}
