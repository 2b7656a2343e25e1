import { evaluate, type Traits, type Truth } from '../routing/index.ts';
import type { Sketch } from './requirement.ts';

/** Whether there is a call for which this agent would do, as the agent is configured. */
export function mayMeet(sketch: Sketch, agent: Traits): boolean {
  return truths(sketch, agent).has(true);
}

const anything: ReadonlySet<Truth> = new Set([true, false, undefined]);

/** Every outcome that some call could bring about; an open place counts as any. */
function truths(sketch: Sketch, agent: Traits): ReadonlySet<Truth> {
  switch (sketch.kind) {
    case 'open':
      return anything;
    case 'not':
      return new Set([...truths(sketch.of, agent)].map((truth) => (truth === undefined ? undefined : !truth)));
    case 'all':
    case 'any':
      return sketch.of
        .map((part) => truths(part, agent))
        .reduce((a, b) => combined(a, b, sketch.kind === 'any'), new Set<Truth>([sketch.kind === 'all']));
    default:
      return new Set([evaluate(sketch, agent)]);
  }
}

function combined(a: ReadonlySet<Truth>, b: ReadonlySet<Truth>, settledBy: boolean): ReadonlySet<Truth> {
  const both = new Set<Truth>();
  for (const one of a) for (const other of b) both.add(joined(one, other, settledBy));
  return both;
}

function joined(a: Truth, b: Truth, settledBy: boolean): Truth {
  if (a === settledBy || b === settledBy) return settledBy;
  return a === undefined || b === undefined ? undefined : !settledBy;
}
