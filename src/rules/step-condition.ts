import type { ASTNode } from '@marcbachmann/cel-js';
import type { StepCondition } from '../routing/index.ts';
import { compareMend } from './condition.ts';
import type { FactTypes, FactsOf } from './facts.ts';
import { celValues, extended, read, type Refusal } from './language.ts';
import { contradiction, isComparison, mirrored } from './never.ts';
import { type NamedThing, namesIn } from './names.ts';
import { childrenOf, literalOf, subjectOf } from './shape.ts';

/** What is asked of the queue when the step would be entered; it is looked at then, not when the call comes. */
const liveTypes = {
  agents: { free: 'int', atWork: 'int', signedIn: 'int' },
  queue: { waiting: 'int', waitedMs: 'int' },
} as const;

export interface StepRule<Types extends FactTypes> {
  readonly ok: true;
  readonly constant: boolean;
  readonly names: readonly NamedThing[];
  readonly never: string | undefined;
  fold(facts: FactsOf<Types>): StepCondition;
}

/**
 * Reads when a step is passed over, in CEL: either about the call (`!caller.vip`), or one comparison of the moment with a
 * whole number: `agents.free`, `agents.atWork`, `agents.signedIn`, `queue.waiting`, `queue.waitedMs`.
 */
export function compileStepCondition<const Types extends FactTypes>(
  text: string,
  types: Types,
): StepRule<Types> | Refusal {
  const found = read(text, extended(types, liveTypes));
  if (!found.ok) return found;
  if (found.type !== 'bool') return { ok: false, message: `gives ${found.type}, not true or false`, mend: compareMend };
  const known = { ok: true, names: namesIn(found.ast), never: contradiction(found.ast) } as const;
  if (isLive(found.ast)) {
    const condition = liveCondition(found.ast);
    return condition ? { ...known, constant: true, fold: () => condition } : { ok: false, ...oneOnly };
  }
  const about = read(text, types);
  if (!about.ok) return about;
  return {
    ...known,
    constant: false,
    fold: (facts) => ({ kind: 'constant', value: isTrue(about.program, celValues(types, facts)) }),
  };
}

const oneOnly = {
  message: 'what is asked of the moment must be one comparison with a whole number',
  mend: 'Write for example agents.free < 2, queue.waiting >= 10 or queue.waitedMs >= 60000.',
};

/** What cannot be answered is no reason to pass a step over. */
function isTrue(program: (values: object) => unknown, values: object): boolean {
  try {
    return program(values) === true;
  } catch {
    return false;
  }
}

const isLive = (node: ASTNode): boolean =>
  (node.op === 'id' && Object.hasOwn(liveTypes, node.args)) || childrenOf(node).some(isLive);

function liveCondition(node: ASTNode): StepCondition | undefined {
  if (!isComparison(node)) return undefined;
  const [left, right] = node.args;
  const subject = subjectOf(left) ?? subjectOf(right);
  const op = subjectOf(left) === undefined ? mirrored[node.op] : node.op;
  const number = literalOf(left) ?? literalOf(right);
  if (subject === undefined || typeof number !== 'number' || !Number.isInteger(number)) return undefined;
  const bound = boundOf(op, number);
  if (!bound) return undefined;
  const [name, what] = subject.split('.');
  if (name === 'agents' && (what === 'free' || what === 'atWork' || what === 'signedIn')) {
    return { kind: 'agents', counted: what, op: bound.op, count: bound.count };
  }
  if (what === 'waiting') return { kind: 'waiting', op: bound.op, count: bound.count };
  return { kind: 'waited', op: bound.op, waitedMs: bound.count };
}

interface Bound {
  readonly op: '>=' | '<';
  readonly count: number;
}

function boundOf(op: '==' | '!=' | '<' | '<=' | '>' | '>=', count: number): Bound | undefined {
  if (op === '>=' || op === '<') return { op, count };
  if (op === '>') return { op: '>=', count: count + 1 };
  if (op === '<=') return { op: '<', count: count + 1 };
  // Nothing counted here is below zero.
  if (count !== 0) return undefined;
  return op === '==' ? { op: '<', count: 1 } : { op: '>=', count: 1 };
}
