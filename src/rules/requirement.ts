import type { ASTNode } from '@marcbachmann/cel-js';
import { always, type Requirement } from '../routing/index.ts';
import { compareMend } from './condition.ts';
import type { FactTypes, FactsOf } from './facts.ts';
import { celValues, extended, type Program, programOf, read, type Refusal } from './language.ts';
import { type NamedThing, namesIn } from './names.ts';
import { type ComparisonNode, contradiction, isComparison, mirrored } from './never.ts';
import { childrenOf, isText, literalOf, literalsOf, pathOf } from './shape.ts';

/** What a requirement may ask of an agent, beside what is known of the call. */
const agentTypes = { agent: { id: 'string', team: 'string', skills: 'levels', attributes: 'map' } } as const;

/** A list that a call brings along is cut to this; so is one of a rule. */
const valuesMax = 200;

/** A place that is filled when the call enters, or its data changes: what a rule makes of the call alone. */
interface Open {
  readonly kind: 'open';
  fill(values: object): Requirement;
}

/** A requirement with open places. */
export type Sketch =
  | Extract<Requirement, { readonly kind: 'always' | 'unknown' | 'skill' | 'attribute' | 'agent' }>
  | Open
  | { readonly kind: 'all'; readonly of: readonly Sketch[] }
  | { readonly kind: 'any'; readonly of: readonly Sketch[] }
  | { readonly kind: 'not'; readonly of: Sketch };

export interface RequirementRule<Types extends FactTypes> {
  readonly ok: true;
  readonly sketch: Sketch;
  /** Whether it is the same for every call. */
  readonly constant: boolean;
  readonly names: readonly NamedThing[];
  /** Why no agent and no call could ever fulfil it. */
  readonly never: string | undefined;
  /** The requirement for one call. What it asks of the call and cannot be answered counts as not fulfilled. */
  fold(facts: FactsOf<Types>): Requirement;
}

export type CompiledRequirement<Types extends FactTypes> = RequirementRule<Types> | Refusal;

/** Nobody fulfils it. */
const never: Requirement = { kind: 'any', of: [] };

/** Not fulfilled either, but its opposite is not fulfilled any more than it. */
const unknown: Requirement = { kind: 'unknown' };

class NotUnderstood extends Error {}

/**
 * Reads what is asked of an agent, in CEL: `agent.skills.zh >= 60 && agent.team == caller.region`. It becomes plain data
 * in which everything about the call has been replaced by its value, so that matching never runs CEL.
 */
export function compileRequirement<const Types extends FactTypes>(
  text: string,
  types: Types,
): CompiledRequirement<Types> {
  const all = extended(types, agentTypes);
  const found = read(text, all);
  if (!found.ok) return found;
  if (found.type !== 'bool') return { ok: false, message: `gives ${found.type}, not true or false`, mend: compareMend };
  try {
    const sketch = sketchOf(found.ast, all);
    return {
      ok: true,
      sketch,
      constant: isConstant(sketch),
      names: namesIn(found.ast),
      never: contradiction(found.ast),
      fold: foldOf(sketch, types),
    };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return { ok: false, message: error.message, mend: agentMend };
  }
}

function foldOf<const Types extends FactTypes>(sketch: Sketch, types: Types): (facts: FactsOf<Types>) => Requirement {
  if (!isConstant(sketch)) return (facts) => simplified(sketch, celValues(types, facts));
  const requirement = simplified(sketch, {});
  return () => requirement;
}

const agentMend =
  'Compare agent.skills.NAME with a level, agent.attributes.NAME or agent.team with a text, or agent.id with an agent.';

const isAboutAgent = (node: ASTNode): boolean =>
  (node.op === 'id' && node.args === 'agent') || childrenOf(node).some(isAboutAgent);

function sketchOf(node: ASTNode, types: FactTypes): Sketch {
  if (!isAboutAgent(node)) return aboutCall(node, types);
  switch (node.op) {
    case '&&':
    case '||': {
      const [left, right] = node.args;
      return { kind: node.op === '&&' ? 'all' : 'any', of: [sketchOf(left, types), sketchOf(right, types)] };
    }
    case '!_':
      return { kind: 'not', of: sketchOf(node.args, types) };
    case '?:':
      return choice(node.args, types);
    case 'in':
      return oneOf(node.args, types);
    default:
      if (!isComparison(node)) throw new NotUnderstood('this says nothing that an agent could be held against');
      return comparison(node, types);
  }
}

function aboutCall(node: ASTNode, types: FactTypes): Sketch {
  const constant = literalOf(node);
  if (typeof constant === 'boolean') return constant ? always : never;
  const value = valueOf(node, types);
  return { kind: 'open', fill: (values) => truth(value(values), true) };
}

const truth = (value: unknown, wanted: boolean): Requirement =>
  value === undefined ? unknown : value === wanted ? always : never;

function choice([condition, yes, no]: readonly ASTNode[], types: FactTypes): Sketch {
  if (!condition || !yes || !no || isAboutAgent(condition)) {
    throw new NotUnderstood('what stands before ? must be about the call, not about the agent');
  }
  const held = valueOf(condition, types);
  const when = (wanted: boolean): Open => ({
    kind: 'open',
    fill: (values) => truth(held(values), wanted),
  });
  return {
    kind: 'any',
    of: [
      { kind: 'all', of: [when(true), sketchOf(yes, types)] },
      { kind: 'all', of: [when(false), sketchOf(no, types)] },
    ],
  };
}

/** `agent.id in ["li", "wang"]`, `agent.team in caller.tags`. */
function oneOf([item, list]: readonly [ASTNode, ASTNode], types: FactTypes): Sketch {
  const asked = traitOf(item);
  if (!asked || asked.kind === 'skill' || isAboutAgent(list)) {
    throw new NotUnderstood('"in" asks whether agent.id, agent.team or agent.attributes.NAME is in a list');
  }
  return withValue(list, types, (value) => {
    const values = Array.isArray(value) ? value.filter(isText).slice(0, valuesMax) : [];
    if (asked.kind === 'attribute') return { kind: 'attribute', name: asked.name, op: 'in', values };
    return { kind: 'any', of: values.map((agentId) => ({ kind: 'agent', agentId })) };
  });
}

function comparison(node: ComparisonNode, types: FactTypes): Sketch {
  const [left, right] = node.args;
  const isFlipped = isAboutAgent(right);
  const [own, other] = isFlipped ? [right, left] : [left, right];
  const op = isFlipped ? mirrored[node.op] : node.op;
  if (isAboutAgent(other)) throw new NotUnderstood('two things of the agent cannot be compared with each other');
  const skill = skillAt(own);
  if (skill) return skillLevel(skill, op, other, types);
  const asked = traitOf(own);
  if (!asked || asked.kind === 'skill' || (op !== '==' && op !== '!=')) {
    throw new NotUnderstood('this cannot be asked of an agent');
  }
  return withValue(other, types, (value) => {
    if (asked.kind === 'attribute') {
      return isText(value) ? { kind: 'attribute', name: asked.name, op, value } : never;
    }
    if (!isText(value)) return never;
    const agent: Requirement = { kind: 'agent', agentId: value };
    return op === '==' ? agent : { kind: 'not', of: agent };
  });
}

/** The name may come from the call as well: `agent.skills[caller.language] >= 60`. */
function skillLevel(name: ASTNode | string, op: ComparisonNode['op'], level: ASTNode, types: FactTypes): Sketch {
  const asked = (skill: unknown, value: unknown): Requirement => {
    if (skill === undefined || value === undefined) return unknown;
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (!isText(skill) || typeof number !== 'number' || !Number.isFinite(number)) return never;
    return { kind: 'skill', skill, op, level: number };
  };
  if (typeof name === 'string') return withValue(level, types, (value) => asked(name, value));
  const skill = valueOf(name, types);
  const value = valueOf(level, types);
  return { kind: 'open', fill: (values) => asked(skill(values), value(values)) };
}

type Trait = { readonly kind: 'skill' | 'agent' } | { readonly kind: 'attribute'; readonly name: string };

function traitOf(node: ASTNode): Trait | undefined {
  const [root, group, name, more] = pathOf(node) ?? [];
  if (root !== 'agent' || more !== undefined) return undefined;
  if (group === 'id' && name === undefined) return { kind: 'agent' };
  if (group === 'team' && name === undefined) return { kind: 'attribute', name: 'team' };
  if (group === 'attributes' && name !== undefined) return { kind: 'attribute', name };
  return group === 'skills' && name !== undefined ? { kind: 'skill' } : undefined;
}

/** The skill's name, or the expression of the call that gives it. */
function skillAt(node: ASTNode): ASTNode | string | undefined {
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const above = pathOf(node.args[0]);
  if (above?.join('.') !== 'agent.skills') return undefined;
  if (node.op === '.') return node.args[1];
  const [, index] = node.args;
  const name = literalOf(index);
  if (typeof name === 'string') return name;
  return isAboutAgent(index) ? undefined : index;
}

/** A leaf whose value is a constant, or comes from the call. */
function withValue(node: ASTNode, types: FactTypes, make: (value: unknown) => Requirement): Sketch {
  const value = literalOf(node) ?? literalsOf(node);
  if (value !== undefined) return make(value);
  const later = valueOf(node, types);
  return {
    kind: 'open',
    fill: (values) => {
      const known = later(values);
      return known === undefined ? unknown : make(known);
    },
  };
}

/** What the call makes of an expression; undefined when it cannot be said. */
function valueOf(node: ASTNode, types: FactTypes): (values: object) => unknown {
  const program: Program = programOf(node, types);
  return (values) => {
    try {
      return program(values);
    } catch {
      // A name that the call's data does not have: nothing can be compared with it.
      return undefined;
    }
  };
}

function isConstant(sketch: Sketch): boolean {
  if (sketch.kind === 'open') return false;
  if (sketch.kind === 'not') return isConstant(sketch.of);
  return sketch.kind === 'all' || sketch.kind === 'any' ? sketch.of.every(isConstant) : true;
}

/** Fills the open places, and leaves out what they have settled. */
function simplified(sketch: Sketch, values: object): Requirement {
  if (sketch.kind === 'open') return sketch.fill(values);
  if (sketch.kind === 'not') {
    const of = simplified(sketch.of, values);
    return of === always ? never : of === never ? always : { kind: 'not', of };
  }
  if (sketch.kind !== 'all' && sketch.kind !== 'any') return sketch;
  const [neutral, settled] = sketch.kind === 'all' ? [always, never] : [never, always];
  const of = sketch.of.map((part) => simplified(part, values)).filter((part) => part !== neutral);
  if (of.includes(settled)) return settled;
  const [only] = of;
  if (only === undefined) return neutral;
  return of.length === 1 ? only : { kind: sketch.kind, of };
}
