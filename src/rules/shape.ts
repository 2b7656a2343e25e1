import type { ASTNode } from '@marcbachmann/cel-js';

/** A constant of an expression; whole numbers come as numbers. */
export type Literal = string | number | boolean;

/** The value of a node that is a constant, or undefined. */
export function literalOf(node: ASTNode): Literal | undefined {
  if (node.op === '-_') {
    const value = literalOf(node.args);
    return typeof value === 'number' ? -value : undefined;
  }
  if (node.op !== 'value') return undefined;
  const value: unknown = node.args;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/** The parts of `agent.skills.zh` and `agent.skills["zh"]` alike; undefined for what is no such name. */
export function pathOf(node: ASTNode): readonly string[] | undefined {
  if (node.op === 'id') return [node.args];
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const above = pathOf(node.args[0]);
  const last = node.op === '.' ? node.args[1] : literalOf(node.args[1]);
  return above && typeof last === 'string' ? [...above, last] : undefined;
}

/** The same as one text, `agent.skills.zh`. */
export const subjectOf = (node: ASTNode): string | undefined => pathOf(node)?.join('.');

/** The nodes right below one. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  return nodesIn(node.args);
}

function nodesIn(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap((arg: unknown) => nodesIn(arg));
  return isNode(args) ? [args] : [];
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

/** The constants of a list, or undefined. */
export function literalsOf(node: ASTNode): readonly unknown[] | undefined {
  if (node.op !== 'list') return undefined;
  const values = node.args.map(literalOf);
  return values.includes(undefined) ? undefined : values;
}

export const isText = (value: unknown): value is string => typeof value === 'string';
