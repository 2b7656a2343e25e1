/** The way to a value inside JSON: `data.list.0.id`, or as JSON Pointer (RFC 6901) `/data/list/0/id`. */
export type Path = readonly string[];

const SEGMENTS_MAX = 16;
/** Never walked: they lead out of the data into the machinery of objects. */
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** Cuts a path; a string is what is wrong with it. The empty path is the value itself. */
export function parsePath(text: string): Path | string {
  const segments = segmentsOf(text);
  if (segments.length > SEGMENTS_MAX) return `longer than ${SEGMENTS_MAX} segments`;
  if (segments.some((segment) => forbidden.has(segment))) return 'leads to __proto__, constructor or prototype';
  if (!text.startsWith('/') && segments.includes('')) return 'has an empty segment';
  return segments;
}

function segmentsOf(text: string): string[] {
  if (text === '' || text === '.') return [];
  if (!text.startsWith('/')) return text.split('.');
  return text
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a path, own properties and array elements only; undefined when there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const segment of path) {
    if (typeof here !== 'object' || here === null || forbidden.has(segment)) return undefined;
    if (Array.isArray(here)) {
      if (!/^\d{1,6}$/.test(segment)) return undefined;
      here = here[Number(segment)];
      continue;
    }
    if (!Object.hasOwn(here, segment)) return undefined;
    here = (here as Record<string, unknown>)[segment];
  }
  return here;
}
