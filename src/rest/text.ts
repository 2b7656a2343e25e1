/** A template text cut into its parts: `Bearer ${env:TOKEN}`, `/contacts/{item.id}`. */
export type TextPart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'secret'; readonly ref: SecretRef }
  /** `number`, `callId`, … or `item.<path>` and `<step>.<path>`. */
  | { readonly kind: 'value'; readonly name: string };

export interface SecretRef {
  readonly from: 'env' | 'file';
  readonly name: string;
}

const PART = /\$\{([^{}]*)\}|\{([^{}]*)\}/g;
const SECRET = /^(env|file):(.+)$/;

/** Cuts a text; a string is what is wrong with it. */
export function parseText(text: string): readonly TextPart[] | string {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(PART)) {
    if (match.index > end) parts.push({ kind: 'literal', text: text.slice(end, match.index) });
    end = match.index + match[0].length;
    const [, secret, value] = match;
    if (value !== undefined) {
      parts.push({ kind: 'value', name: value.trim() });
      continue;
    }
    const [, from, name] = SECRET.exec(secret ?? '') ?? [];
    if (!from || !name) return 'write secrets as ${env:NAME} or ${file:/path}';
    parts.push({ kind: 'secret', ref: { from: from as 'env' | 'file', name } });
  }
  if (end < text.length) parts.push({ kind: 'literal', text: text.slice(end) });
  const stray = parts.some((part) => part.kind === 'literal' && /[{}]/.test(part.text));
  return stray ? 'a brace stands alone: write {name} for a value' : parts;
}

/** Puts a text together; each value goes through `escape`, secrets and literals are the template author's own. */
export function renderText(
  parts: readonly TextPart[],
  secretOf: (ref: SecretRef) => string,
  valueOf: (name: string) => string,
  escape: (value: string) => string = (value) => value,
): string {
  return parts
    .map((part) => {
      if (part.kind === 'literal') return part.text;
      return part.kind === 'secret' ? secretOf(part.ref) : escape(valueOf(part.name));
    })
    .join('');
}
