const named: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * Undoes `ast_escape_c`, which Asterisk applies to caller and connected names and account codes in channel snapshots
 * (`CallerIDName: \"Li\"`). Not for fields outside snapshots (OriginateResponse), which come as they are.
 * The result may hold control characters: never put it into a line of anything unescaped.
 */
export function unescapeC(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\([abfnrtv\\'"?])/g, (_, letter: string) => named[letter] ?? letter);
}
