import type { ASTNode } from '@marcbachmann/cel-js';
import { childrenOf, isText, literalOf, literalsOf, pathOf } from './shape.ts';

/** A name that the rule uses and that must be in the config. */
export interface NamedThing {
  readonly what: 'skill' | 'attribute' | 'agent' | 'queue' | 'entry' | 'schedule';
  readonly name: string;
}

/** Names of the config in an expression: skills and attributes asked for, agents, queues and entries compared with. */
export function namesIn(node: ASTNode): readonly NamedThing[] {
  return [...namesAt(node), ...childrenOf(node).flatMap(namesIn)];
}

const compared = new Map<string, NamedThing['what']>([
  ['agent.id', 'agent'],
  ['caller.ownerAgentId', 'agent'],
  ['caller.lastAgentId', 'agent'],
  ['call.agent', 'agent'],
  ['call.queue', 'queue'],
  ['call.entry', 'entry'],
]);

/** Names that are compared with literals, by what they name. */
function namesAt(node: ASTNode): readonly NamedThing[] {
  if (node.op === '.' || node.op === '[]') {
    const [root, group, name, more] = pathOf(node) ?? [];
    if (root !== 'agent' || name === undefined || more !== undefined) return [];
    return group === 'skills' || group === 'attributes'
      ? [{ what: group === 'skills' ? 'skill' : 'attribute', name }]
      : [];
  }
  if (node.op !== '==' && node.op !== '!=' && node.op !== 'in') return [];
  const [left, right] = node.args;
  const what = compared.get((pathOf(left) ?? pathOf(right) ?? []).join('.'));
  if (what === undefined) return [];
  const values = [literalOf(left), literalOf(right), ...(literalsOf(right) ?? [])];
  return values
    .filter(isText)
    .filter((name) => name !== '')
    .map((name) => ({ what, name }));
}
