import { createHash } from 'node:crypto';
import { Secret } from '../src/security/index.ts';
import { isLive } from './live.ts';

const depthMax = 2;

/**
 * Of a file, by key, a digest of what it says: two files differ where these differ. Live sections and lists count as a
 * whole, settings each by itself, such as `server.port` or `prompts.texts.welcome`.
 */
export function digestsOf(data: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, section]) => parts(name, section, isLive(name) ? 0 : depthMax)),
  );
}

function parts(key: string, value: unknown, depth: number): readonly (readonly [key: string, digest: string])[] {
  const isGroup = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (depth === 0 || !isGroup) return [[key, digestOf(value)]];
  return Object.entries(value).flatMap(([name, part]) => parts(`${key}.${name}`, part, depth - 1));
}

/** Secrets count by what they are, and are not in what comes of it. */
export function digestOf(section: unknown): string {
  // A secret has become `[secret]` before it is asked about: what it was is in whatever holds it.
  const text = JSON.stringify(section, function replaced(this: Readonly<Record<string, unknown>>, key, value: unknown) {
    const was = this[key];
    return was instanceof Secret ? was.reveal() : value;
  });
  return createHash('sha256')
    .update(text ?? '')
    .digest('hex');
}

/** Keys under which two files say something else, in alphabetical order. */
export function differences(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): readonly string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => a[name] !== b[name]).sort();
}
