import type { ASTNode } from '@marcbachmann/cel-js';
import { childrenOf } from './shape.ts';

/** What the parser refuses: a condition is a sentence, not a program. */
export const limits = {
  maxAstNodes: 400,
  maxDepth: 32,
  maxListElements: 200,
  maxMapEntries: 50,
  maxCallArguments: 8,
} as const;

export const conditionCharsMax = 2_000;

/** Walk a list; one inside another would multiply their lengths. */
const walkers = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** Why evaluation could take long, or undefined when it is bounded by the length of the condition and of one list. */
export function unboundedPart(node: ASTNode, insideWalk = false): string | undefined {
  // JavaScript's regular expressions can take exponential time on text that a caller chooses.
  if ((node.op === 'rcall' || node.op === 'call') && node.args[0] === 'matches') {
    return 'matches() is not offered; use startsWith, endsWith, contains or ==';
  }
  if (node.op !== 'rcall' || !walkers.has(node.args[0])) return firstOf(childrenOf(node), insideWalk);
  if (insideWalk) return 'a list is walked inside the walk of another list';
  // What is walked is made once; what stands in the brackets is done for each of it.
  const [, walked, each] = node.args;
  return unboundedPart(walked, false) ?? firstOf(each, true);
}

function firstOf(nodes: readonly ASTNode[], insideWalk: boolean): string | undefined {
  for (const node of nodes) {
    const found = unboundedPart(node, insideWalk);
    if (found !== undefined) return found;
  }
  return undefined;
}
