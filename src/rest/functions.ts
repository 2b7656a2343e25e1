/**
 * The pure functions that a mapping may apply, in the order given. Each takes any value that a CRM may send; what it
 * cannot use becomes undefined, never an exception. `args` says what stands after the name, `none` for a bare name.
 */
export interface MappingFunction {
  /** What is wrong with the arguments; undefined when they are right. */
  readonly check: (args: unknown) => string | undefined;
  readonly run: (value: unknown, args: unknown) => unknown;
}

const LIST_MAX = 200;
const TEXT_MAX = 4_000;
const DATE_MAX_MS = 8.64e15;

export const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value.slice(0, TEXT_MAX);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'boolean' ? String(value) : undefined;
};
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const none = (args: unknown) => (args === undefined ? undefined : 'takes no argument');
const aText = (args: unknown) => (typeof args === 'string' && args.length <= 20 ? undefined : 'needs a short text');
const aScalar = (args: unknown) => (isScalar(args) ? undefined : 'needs a text, a number or true/false');

/** A function on text; other scalars are written out first. */
const onText = (run: (text: string) => unknown): MappingFunction => ({
  check: none,
  run: (value) => {
    const text = textOf(value);
    return text === undefined ? undefined : run(text);
  },
});

export const mappingFunctions: Readonly<Record<string, MappingFunction>> = {
  lower: onText((text) => text.toLowerCase()),
  upper: onText((text) => text.toUpperCase()),
  trim: onText((text) => text.trim()),
  string: onText((text) => text),
  number: onText(toNumber),
  boolean: onText((text) => toBoolean(text.trim().toLowerCase())),
  /** ISO 8601, or Unix seconds or milliseconds, to Unix milliseconds. */
  date: onText(toDateMs),
  join: {
    check: aText,
    run: (value, args) =>
      Array.isArray(value)
        ? value
            .slice(0, LIST_MAX)
            .map(textOf)
            .filter((text) => text !== undefined)
            .join(String(args))
            .slice(0, TEXT_MAX)
        : textOf(value),
  },
  split: {
    check: (args) => (args === '' ? 'needs a text that is not empty' : aText(args)),
    run: (value, args) =>
      textOf(value)
        ?.split(String(args), LIST_MAX)
        .map((part) => part.trim())
        .filter((part) => part !== ''),
  },
  first: { check: none, run: (value) => (Array.isArray(value) ? (value as unknown[])[0] : value) },
  last: { check: none, run: (value) => (Array.isArray(value) ? (value as unknown[]).at(-1) : value) },
  /** Looks the value up in a table: `map: { table: { A: gold }, default: basic }`; without default others are dropped. */
  map: {
    check: (args) => {
      if (!isRecord(args) || !isRecord(args['table'])) return 'needs { table: {…}, default: … }';
      const { table, default: otherwise, ...more } = args;
      if (Object.keys(more).length > 0) return 'knows only table and default';
      const values = [...Object.values(table), ...(otherwise === undefined ? [] : [otherwise])];
      return values.every(isScalar) ? undefined : 'may only map to texts, numbers and true/false';
    },
    run: (value, args) => {
      const { table, default: otherwise } = args as { table: Record<string, unknown>; default?: unknown };
      const key = textOf(value);
      return key !== undefined && Object.hasOwn(table, key) ? table[key] : otherwise;
    },
  },
  default: {
    check: aScalar,
    run: (value, args) => (value === undefined || value === null || value === '' ? args : value),
  },
  concat: {
    check: (args) => {
      const known =
        isRecord(args) && Object.entries(args).every(([key, text]) => /^(prefix|suffix)$/.test(key) && isScalar(text));
      return known ? undefined : 'needs { prefix: …, suffix: … }';
    },
    run: (value, args) => {
      const { prefix = '', suffix = '' } = args as { prefix?: unknown; suffix?: unknown };
      const text = textOf(value);
      return text === undefined ? undefined : `${String(prefix)}${text}${String(suffix)}`;
    },
  },
  /** Multiplies: `scale: 0.001` brings money spent down to a value of 0 to 100. */
  scale: {
    check: (args) => (typeof args === 'number' && Number.isFinite(args) ? undefined : 'needs a number'),
    run: (value, args) => {
      const number = toNumber(textOf(value) ?? '');
      return number === undefined ? undefined : number * Number(args);
    },
  },
  clamp: {
    check: (args) => {
      const [low, high] = Array.isArray(args) ? (args as unknown[]) : [];
      return typeof low === 'number' && typeof high === 'number' && low <= high ? undefined : 'needs [lowest, highest]';
    },
    run: (value, args) => {
      const [low, high] = args as [number, number];
      const number = toNumber(textOf(value) ?? '');
      return number === undefined ? undefined : Math.min(high, Math.max(low, number));
    },
  },
  equals: { check: aScalar, run: (value, args) => textOf(value) === String(args) },
  /** Whether a list has the value, or a text contains it. */
  includes: {
    check: aScalar,
    run: (value, args) =>
      Array.isArray(value)
        ? value.slice(0, LIST_MAX).some((item) => textOf(item) === String(args))
        : (textOf(value)?.includes(String(args)) ?? false),
  },
};

function toNumber(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function toBoolean(text: string): boolean | undefined {
  if (['true', '1', 'yes', 'y', 'on', '是'].includes(text)) return true;
  return ['false', '0', 'no', 'n', 'off', '否', ''].includes(text) ? false : undefined;
}

function toDateMs(text: string): number | undefined {
  const number = toNumber(text);
  // Seconds until the year 5138, milliseconds from 1973 on: the two ranges do not meet in practice.
  if (number !== undefined) return inDateRange(Math.abs(number) < 1e11 ? number * 1000 : number);
  return text.length <= 40 ? inDateRange(Date.parse(text)) : undefined;
}

const inDateRange = (ms: number): number | undefined =>
  Number.isFinite(ms) && Math.abs(ms) <= DATE_MAX_MS ? Math.round(ms) : undefined;
