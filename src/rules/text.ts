import { type FactTypes, factNames } from './facts.ts';

/** A text with places for facts, cut into its parts: `未接来电 {call.callerNumber}`. */
export type TextTemplate = readonly (string | { readonly fact: readonly string[] })[];

export type ParsedText =
  | { readonly ok: true; readonly template: TextTemplate }
  | { readonly ok: false; readonly message: string; readonly mend: string };

const place = /\{([^{}]*)\}/g;

/** Cuts a text; a place that names no known fact, or a brace that stands alone, is refused. */
export function parseText(text: string, types: FactTypes): ParsedText {
  const names = factNames(types);
  const parts: (string | { readonly fact: readonly string[] })[] = [];
  let end = 0;
  for (const match of text.matchAll(place)) {
    parts.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const name = (match[1] ?? '').trim();
    if (!isKnown(name, names)) {
      return { ok: false, message: `{${name}} is not known here`, mend: `Known: ${names.join(', ')}.` };
    }
    parts.push({ fact: name.split('.') });
  }
  parts.push(text.slice(end));
  if (parts.some((part) => typeof part === 'string' && /[{}]/.test(part))) {
    return { ok: false, message: 'a brace stands alone', mend: 'Write {name} for a value.' };
  }
  return { ok: true, template: parts.filter((part) => part !== '') };
}

function isKnown(name: string, names: readonly string[]): boolean {
  if (names.includes(name)) return !name.endsWith('.*');
  return names.some((known) => known.endsWith('.*') && isBelow(name, known.slice(0, -1)));
}

/** Names of attached data may hold dots; only the first part after the map's name matters to us. */
const isBelow = (name: string, prefix: string): boolean =>
  name.startsWith(prefix) && /^[A-Za-z][\w.-]{0,63}$/.test(name.slice(prefix.length));

/** Puts the facts in; each is cleaned for where it stands. A fact that is absent leaves nothing. */
export function fillText(template: TextTemplate, facts: object, clean: (value: string) => string): string {
  return template.map((part) => (typeof part === 'string' ? part : clean(textAt(facts, part.fact)))).join('');
}

function textAt(facts: object, path: readonly string[]): string {
  let here: unknown = facts;
  for (let at = 0; at < path.length; at += 1) {
    if (typeof here !== 'object' || here === null) return '';
    // Attached data is flat: what is left of the path is one name.
    const rest = path.slice(at).join('.');
    if (Object.hasOwn(here, rest)) return shown(Reflect.get(here, rest));
    const name = path[at] ?? '';
    here = Object.hasOwn(here, name) ? Reflect.get(here, name) : undefined;
  }
  return '';
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
