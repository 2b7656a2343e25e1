import type { ASTNode } from '@marcbachmann/cel-js';
import type { CustomerResult, EndReason } from '../call/index.ts';
import { literalOf, type Literal, subjectOf } from './shape.ts';

/** What one comparison says of one thing. */
interface Claim {
  readonly subject: string;
  readonly op: '==' | '!=' | '<' | '<=' | '>' | '>=';
  readonly value: Literal;
}

type Conjunction = readonly Claim[];

/** Beyond so many cases the question is left open: the expression then counts as possible. */
const casesMax = 500;

/** Where a number can lie, and whether it is whole; others can be anything. */
const ranges: readonly (readonly [subject: RegExp, lowest: number, highest: number, whole: boolean])[] = [
  [/^agent\.skills/, 0, 100, true],
  [/^(caller|customer)\.value$/, 0, 100, false],
  [/^(caller|customer)\.openTickets$/, 0, 1_000, true],
  [/^call\.(waitedMs|talkMs|holdMs|attempts|hops)$/, 0, Number.POSITIVE_INFINITY, true],
  [/^time\.hour$/, 0, 23, true],
  [/^time\.minute$/, 0, 59, true],
  [/^time\.weekday$/, 1, 7, true],
];

/** What a text can be where it is one of a few words. */
const words: readonly (readonly [subject: RegExp, words: readonly string[]])[] = [
  [/^call\.direction$/, ['inbound', 'outbound']],
  [
    /^(caller|customer)\.status$/,
    ['fresh', 'stale', 'pending', 'none', 'ambiguous', 'error'] satisfies CustomerResult['status'][],
  ],
  [
    /^call\.reason$/,
    [
      'completed',
      'abandoned',
      'callback',
      'transferred',
      'overflowed',
      'refused',
      'voicemail',
      'unreached',
    ] satisfies EndReason[],
  ],
];

/**
 * Why an expression can never be true, or undefined when it may be, as far as this can tell: it looks at comparisons of
 * one thing with constants, joined by `&&`, `||` and `!`; what else stands in it counts as possible.
 */
export function contradiction(ast: ASTNode): string | undefined {
  const cases = casesOf(ast, false);
  if (cases === undefined) return undefined;
  const reasons = cases.map(clash);
  if (reasons.some((reason) => reason === undefined)) return undefined;
  return reasons[0] ?? 'it is never true';
}

function casesOf(node: ASTNode, negated: boolean): readonly Conjunction[] | undefined {
  switch (node.op) {
    case '!_':
      return casesOf(node.args, !negated);
    case '&&':
    case '||':
      return join(node.args[0], node.args[1], (node.op === '&&') !== negated, negated);
    case 'value':
      return typeof node.args === 'boolean' ? (node.args === negated ? [] : [[]]) : [[]];
    case 'in':
      return casesOfList(node.args[0], node.args[1], negated);
    default:
      return casesOfClaim(node, negated);
  }
}

function join(a: ASTNode, b: ASTNode, isAnd: boolean, negated: boolean): readonly Conjunction[] | undefined {
  const left = casesOf(a, negated);
  const right = casesOf(b, negated);
  if (!left || !right) return undefined;
  const count = isAnd ? left.length * right.length : left.length + right.length;
  if (count > casesMax) return undefined;
  return isAnd ? left.flatMap((one) => right.map((other) => [...one, ...other])) : [...left, ...right];
}

function casesOfList(item: ASTNode, list: ASTNode, negated: boolean): readonly Conjunction[] | undefined {
  const subject = subjectOf(item);
  if (subject === undefined || list.op !== 'list') return [[]];
  const values = list.args.map(literalOf);
  if (values.length > casesMax || values.some((value) => value === undefined)) return [[]];
  const claims = values.flatMap((value) =>
    value === undefined ? [] : [{ subject, op: negated ? '!=' : '==', value } as const],
  );
  return negated ? [claims] : claims.map((claim) => [claim]);
}

const opposite = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;
const mirrored = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

function casesOfClaim(node: ASTNode, negated: boolean): readonly Conjunction[] {
  const flag = subjectOf(node);
  if (flag !== undefined) return [[{ subject: flag, op: '==', value: !negated }]];
  if (!isComparison(node)) return [[]];
  const [left, right] = node.args;
  const claim =
    claimOf(subjectOf(left), node.op, literalOf(right)) ??
    claimOf(subjectOf(right), mirrored[node.op], literalOf(left));
  if (!claim) return [[]];
  return [[negated ? { ...claim, op: opposite[claim.op] } : claim]];
}

export type ComparisonNode = Extract<ASTNode, { op: Claim['op'] }>;

export const isComparison = (node: ASTNode): node is ComparisonNode => Object.hasOwn(opposite, node.op);

export { mirrored };

function claimOf(subject: string | undefined, op: Claim['op'], value: Literal | undefined): Claim | undefined {
  return subject === undefined || value === undefined ? undefined : { subject, op, value };
}

/** Two claims of one conjunction that exclude each other, in words. */
function clash(claims: Conjunction): string | undefined {
  for (const subject of new Set(claims.map((claim) => claim.subject))) {
    const own = claims.filter((claim) => claim.subject === subject);
    if (isPossible(subject, own)) continue;
    const said = [...new Set(own.map(({ op, value }) => `${op} ${JSON.stringify(value)}`))].join(' and ');
    return `${subject} cannot be ${said}${choiceOf(subject)}`;
  }
  return undefined;
}

function isPossible(subject: string, claims: readonly Claim[]): boolean {
  const asked = claims.filter(({ op }) => op === '==').map(({ value }) => value);
  const [first] = asked;
  if (first !== undefined) return isIn(subject, first) && claims.every((claim) => holds(first, claim));
  const [, lowest = Number.NEGATIVE_INFINITY, highest = Number.POSITIVE_INFINITY, whole = false] =
    ranges.find(([pattern]) => pattern.test(subject)) ?? [];
  if (claims.some(({ value }) => typeof value !== 'number')) return isFlagPossible(claims);
  const low = edge(claims, lowest, whole, ['>=', '>']);
  const high = edge(claims, highest, whole, ['<=', '<']);
  return low.at < high.at || (low.at === high.at && !low.strict && !high.strict);
}

interface Edge {
  readonly at: number;
  /** The edge itself is not in it. */
  readonly strict: boolean;
}

/** The tightest bound from one side. A whole number above 5 is at least 6. */
function edge(
  claims: readonly Claim[],
  outermost: number,
  whole: boolean,
  [weak, strict]: readonly ['>=', '>'] | readonly ['<=', '<'],
): Edge {
  const inward = weak === '>=' ? 1 : -1;
  const round = weak === '>=' ? Math.ceil : Math.floor;
  return claims.reduce<Edge>(
    (tightest, { op, value }) => {
      if (op !== weak && op !== strict) return tightest;
      const bound = Number(value);
      const isStrict = op === strict;
      const at = !whole ? bound : isStrict && Number.isInteger(bound) ? bound + inward : round(bound);
      const further = (at - tightest.at) * inward;
      if (further < 0) return tightest;
      return { at, strict: (isStrict && !whole) || (further === 0 && tightest.strict) };
    },
    { at: outermost, strict: false },
  );
}

/** Only `!=` is left for texts; a truth value that is neither true nor false does not exist. */
function isFlagPossible(claims: readonly Claim[]): boolean {
  return !(
    claims.some(({ op, value }) => op === '!=' && value === true) &&
    claims.some(({ op, value }) => op === '!=' && value === false)
  );
}

function choiceOf(subject: string): string {
  const known = wordsOf(subject);
  return known ? `; it is one of ${known.join(', ')}` : '';
}

const wordsOf = (subject: string) => words.find(([pattern]) => pattern.test(subject))?.[1];

function isIn(subject: string, value: Literal): boolean {
  if (typeof value === 'string') return wordsOf(subject)?.includes(value) ?? true;
  const range = ranges.find(([pattern]) => pattern.test(subject));
  if (!range || typeof value !== 'number') return true;
  const [, lowest, highest, whole] = range;
  return value >= lowest && value <= highest && (!whole || Number.isInteger(value));
}

function holds(value: Literal, { op, value: other }: Claim): boolean {
  switch (op) {
    case '==':
      return value === other;
    case '!=':
      return value !== other;
    case '<':
      return value < other;
    case '<=':
      return value <= other;
    case '>':
      return value > other;
    case '>=':
      return value >= other;
  }
}
