import type { ParseArgsConfig } from 'node:util';

/** How big a scenario is: the size by default, less on a machine that others use. */
export interface Size {
  readonly talking: number;
  readonly waiting: number;
  /** New calls a second. */
  readonly rate: number;
  /** How long a neighbour is away. */
  readonly faultMs: number;
}

export const options: NonNullable<ParseArgsConfig['options']> = {
  talking: { type: 'string' },
  waiting: { type: 'string' },
  rate: { type: 'string' },
  'fault-seconds': { type: 'string' },
  only: { type: 'string' },
};

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Throws a TypeError on what is no whole number within bounds. */
export function sizeOf(values: Values): Size {
  return {
    talking: whole(values, 'talking', 100, 400),
    waiting: whole(values, 'waiting', 40, 200),
    rate: whole(values, 'rate', 10, 40),
    faultMs: whole(values, 'fault-seconds', 20, 60) * 1_000,
  };
}

/** A number of an option from 1 to `max`. */
export function whole(values: Values, name: string, usual: number, max: number): number {
  const value = Number(values[name] ?? usual);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new TypeError(`--${name}: a whole number from 1 to ${max}`);
}
