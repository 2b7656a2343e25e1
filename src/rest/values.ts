import { textOf } from './functions.ts';

export const ID_MAX = 128;
export const SHORT_MAX = 100;
export const LONG_MAX = 500;

/** Text without control characters or direction marks, which could make a screen show what is not there. */
export function clean(value: unknown, max: number): string | undefined {
  const text = textOf(value)
    ?.replace(/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, ' ')
    .trim();
  return text ? text.slice(0, max).toWellFormed() : undefined;
}

/** Unix milliseconds that a Date can hold. */
export const timeOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= 8.64e15 ? Math.round(value) : undefined;

export const oneOf =
  <const Words extends readonly string[]>(words: Words) =>
  (value: unknown): Words[number] | undefined =>
    words.find((word) => word === textOf(value)?.toLowerCase());

/** http and https only: anything else could run in the agent's browser. */
export function urlOf(value: unknown): string | undefined {
  const text = typeof value === 'string' && value.length <= 2_000 ? value : '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url && (url.protocol === 'http:' || url.protocol === 'https:') && !url.username && !url.password;
  return isSafe ? url.href.slice(0, 2_000) : undefined;
}
