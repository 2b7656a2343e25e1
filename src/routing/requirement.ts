/**
 * What a call asks of an agent, as data. Rules in CEL are translated into it when config is loaded, with the call's own
 * data folded to constants when the call enters: matching itself never runs a rule.
 */
export type Requirement =
  | { readonly kind: 'always' }
  /** What it asks of the call cannot be answered: neither true nor false, whoever is looked at. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Requirement[] }
  | { readonly kind: 'not'; readonly of: Requirement }
  | { readonly kind: 'skill'; readonly skill: string; readonly op: Comparison; readonly level: number }
  | {
      readonly kind: 'attribute';
      readonly name: string;
      readonly op: '==' | '!=';
      readonly value: AttributeValue;
    }
  | {
      readonly kind: 'attribute';
      readonly name: string;
      readonly op: 'in';
      readonly values: readonly AttributeValue[];
    }
  | { readonly kind: 'agent'; readonly agentId: string };

export type Comparison = '>=' | '>' | '<=' | '<' | '==' | '!=';
export type AttributeValue = string | number | boolean;

/** What of an agent a requirement can ask for. Levels are 0 to 100; a language is a skill. */
export interface Traits {
  readonly id: string;
  readonly skills: Readonly<Record<string, number>>;
  readonly attributes?: Readonly<Record<string, AttributeValue>> | undefined;
}

/** `undefined`: it cannot be said, for the agent has no such skill or attribute, or the call no such data. */
export type Truth = boolean | undefined;

export const always: Requirement = { kind: 'always' };

/** Whether the agent is one for it. What cannot be said does not count as met, also under `not`. */
export function meets(requirement: Requirement, agent: Traits): boolean {
  return evaluate(requirement, agent) === true;
}

/** Kleene's three values: `not` of what cannot be said cannot be said either. */
export function evaluate(requirement: Requirement, agent: Traits): Truth {
  switch (requirement.kind) {
    case 'always':
      return true;
    case 'unknown':
      return undefined;
    case 'agent':
      return requirement.agentId === agent.id;
    case 'skill':
    case 'attribute': {
      const value = valueOf(requirement, agent);
      return value === undefined ? undefined : holdsFor(requirement, value);
    }
    case 'not': {
      const truth = evaluate(requirement.of, agent);
      return truth === undefined ? undefined : !truth;
    }
    case 'all':
      return evaluateAll(requirement.of, agent, false);
    case 'any':
      return evaluateAll(requirement.of, agent, true);
  }
}

/** `all` is settled by one that is false, `any` by one that is true. */
function evaluateAll(parts: readonly Requirement[], agent: Traits, settledBy: boolean): Truth {
  let truth: Truth = !settledBy;
  for (const part of parts) {
    const one = evaluate(part, agent);
    if (one === settledBy) return settledBy;
    if (one === undefined) truth = undefined;
  }
  return truth;
}

/** A comparison of one skill or attribute. */
export type Atom = Extract<Requirement, { kind: 'skill' | 'attribute' }>;

export function valueOf(atom: Atom, { skills, attributes }: Traits): AttributeValue | undefined {
  return atom.kind === 'skill' ? own(skills, atom.skill) : own(attributes, atom.name);
}

/** Whether the comparison is true of a level or value that is there. */
export function holdsFor(atom: Atom, value: AttributeValue): boolean {
  if (atom.kind === 'skill') return compare(Number(value), atom.op, atom.level);
  if (atom.op === 'in') return atom.values.includes(value);
  return (value === atom.value) === (atom.op === '==');
}

function compare(level: number, op: Comparison, asked: number): boolean {
  switch (op) {
    case '>=':
      return level >= asked;
    case '>':
      return level > asked;
    case '<=':
      return level <= asked;
    case '<':
      return level < asked;
    case '==':
      return level === asked;
    case '!=':
      return level !== asked;
  }
}

/** A skill named `constructor` must not be found on every object. */
function own<T>(values: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** The plain form `{mandarin: 60, billing: 40}`: all of them, each at least so high. */
export function requirementOf(needs: Readonly<Record<string, number>>): Requirement {
  const of = Object.entries(needs).map(([skill, level]) => ({ kind: 'skill', skill, op: '>=', level }) as const);
  return of.length === 0 ? always : of.length === 1 && of[0] ? of[0] : { kind: 'all', of };
}

/** Both must hold. */
export function both(a: Requirement, b: Requirement): Requirement {
  if (a.kind === 'always') return b;
  return b.kind === 'always' ? a : { kind: 'all', of: [a, b] };
}

/** Of all that must hold, the parts that ask for such a skill, each whole. */
export function partsAbout(requirement: Requirement, isOf: (skill: string) => boolean): Requirement {
  if (requirement.kind === 'all') return requirement.of.map((part) => partsAbout(part, isOf)).reduce(both, always);
  return asksFor(requirement, isOf) ? requirement : always;
}

function asksFor(requirement: Requirement, isOf: (skill: string) => boolean): boolean {
  switch (requirement.kind) {
    case 'skill':
      return isOf(requirement.skill);
    case 'not':
      return asksFor(requirement.of, isOf);
    case 'all':
    case 'any':
      return requirement.of.some((part) => asksFor(part, isOf));
    default:
      return false;
  }
}

/**
 * The same text for requirements that ask the same in another order or nesting: calls with one key share a signature.
 * Not complete (two ways to say one thing may keep two keys), which costs a signature and nothing else.
 */
export function requirementKey(requirement: Requirement): string {
  switch (requirement.kind) {
    case 'always':
      return '*';
    case 'unknown':
      return '?';
    case 'agent':
      return `@${JSON.stringify(requirement.agentId)}`;
    case 'skill':
      return `${JSON.stringify(requirement.skill)}${requirement.op}${requirement.level}`;
    case 'attribute':
      return `.${JSON.stringify(requirement.name)}${requirement.op}${
        requirement.op === 'in' ? `[${requirement.values.map(textOf).sort().join()}]` : textOf(requirement.value)
      }`;
    case 'not':
      return requirement.of.kind === 'not' ? requirementKey(requirement.of.of) : `!${requirementKey(requirement.of)}`;
    case 'all':
    case 'any':
      return groupKey(requirement.kind, requirement.of);
  }
}

const textOf = (value: AttributeValue): string => JSON.stringify(value);

function groupKey(kind: 'all' | 'any', of: readonly Requirement[]): string {
  const keys = new Set<string>();
  for (const part of highest(kind, flat(kind, of))) keys.add(requirementKey(part));
  if (kind === 'all') keys.delete('*');
  else if (keys.has('*')) return '*';
  const sorted = [...keys].sort();
  if (sorted.length === 0) return kind === 'all' ? '*' : '!*';
  const [only] = sorted;
  return sorted.length === 1 && only !== undefined ? only : `${kind === 'all' ? '&' : '|'}(${sorted.join(' ')})`;
}

function flat(kind: 'all' | 'any', of: readonly Requirement[]): readonly Requirement[] {
  return of.flatMap((part) => (part.kind === kind ? flat(kind, part.of) : [part]));
}

/** Of two lowest levels of one skill the higher counts in `all`, the lower in `any`. */
function highest(kind: 'all' | 'any', of: readonly Requirement[]): readonly Requirement[] {
  const bySkill = new Map<string, Extract<Requirement, { kind: 'skill' }>>();
  const kept: Requirement[] = [];
  for (const part of of) {
    if (part.kind !== 'skill' || part.op !== '>=') {
      kept.push(part);
      continue;
    }
    const before = bySkill.get(part.skill);
    const isStronger = before === undefined || part.level > before.level === (kind === 'all');
    if (isStronger) bySkill.set(part.skill, part);
  }
  return [...kept, ...bySkill.values()];
}
