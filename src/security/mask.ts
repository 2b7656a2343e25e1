import type { TSchema } from '../schema/index.ts';

/**
 * Hides the middle of a telephone number: `13800138000` → `138****8000`, `+8613800138000` → `+86138****8000`.
 * From seven to ten digits two stay at the end. Up to six digits are extensions and public short codes (95588): kept.
 * A SIP user name keeps its first letter. Separators keep their places.
 */
export function maskNumber(number: string): string {
  if (/[a-z@]/i.test(number)) return maskName(number);
  const digits = number.replace(/\D/g, '').length;
  if (digits <= 6) return number;
  const keptAtEnd = digits >= 11 ? 4 : 2;
  const from = digits - keptAtEnd - 4;
  let seen = 0;
  return number.replace(/\d/g, (digit) => {
    const hidden = seen >= from && seen < from + 4;
    seen += 1;
    return hidden ? '*' : digit;
  });
}

/** Hides the middle of whatever looks like a telephone number in a text. */
export function maskText(text: string): string {
  return text.replace(/\+?\d(?:[ \u00a0().-]{0,2}\d){6,}/g, maskNumber);
}

const publicNames = new Set(['anonymous', 'unknown', 'restricted', 'unavailable', 'private']);

function maskName(name: string): string {
  return publicNames.has(name.toLowerCase()) ? name : `${name.slice(0, 1)}****`;
}

/** Gives back the value with personal data hidden; what is not on the way to it is shared, nothing is changed in place. */
export type Mask = (value: unknown, seal?: Seal) => unknown;
/** Makes a token that stands for a number; put beside each masked number whose schema has a place for it. */
export type Seal = (number: string) => string;

/**
 * Walks a schema once for its `x-pii` marks and gives the function that masks values of it,
 * or undefined when nothing in it is marked.
 */
export function compileMask(schema: TSchema): Mask | undefined {
  const node = schema as Node;
  if (node['x-pii'] === 'phone') return (value) => (typeof value === 'string' ? maskNumber(value) : value);
  if (node['x-pii'] === 'text') return (value) => (typeof value === 'string' ? maskText(value) : value);
  if (node.properties) return objectMask(node.properties);
  if (node.items) return arrayMask(node.items);
  const values = node.patternProperties && Object.values(node.patternProperties)[0];
  return values ? recordMask(values) : undefined;
}

interface Node extends TSchema {
  readonly 'x-pii'?: string;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
}

function objectMask(properties: Readonly<Record<string, TSchema>>): Mask | undefined {
  const masks = Object.entries(properties).flatMap(([key, schema]) => {
    const mask = compileMask(schema);
    const tokenKey = (schema as Node)['x-pii'] === 'phone' && properties[`${key}Token`] ? `${key}Token` : undefined;
    return mask ? [{ key, mask, tokenKey }] : [];
  });
  if (masks.length === 0) return undefined;
  return (value, seal) => {
    if (!isObject(value)) return value;
    const copy: Record<string, unknown> = { ...value };
    for (const { key, mask, tokenKey } of masks) {
      const open = copy[key];
      if (open === undefined) continue;
      copy[key] = mask(open, seal);
      // What is shown in full (extensions, "anonymous") needs no token.
      if (seal && tokenKey !== undefined && typeof open === 'string' && copy[key] !== open) copy[tokenKey] = seal(open);
    }
    return copy;
  };
}

function arrayMask(items: TSchema): Mask | undefined {
  const mask = compileMask(items);
  return mask && ((value, seal) => (Array.isArray(value) ? value.map((item) => mask(item, seal)) : value));
}

function recordMask(values: TSchema): Mask | undefined {
  const mask = compileMask(values);
  if (!mask) return undefined;
  return (value, seal) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item, seal)])) : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
