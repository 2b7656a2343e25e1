/** What an error code stands for; `docs/errors.md` is generated from these, and a test ties the two together. */
export interface ErrorSpec {
  readonly code: string;
  /** HTTP status when the error reaches an API caller. */
  readonly status: number;
  /** What happened, in general words without data. */
  readonly meaning: string;
  /** What the reader should do about it, in the imperative. */
  readonly mend: string;
}

const registry = new Map<string, ErrorSpec>();

/** An expected failure with a stable code. `detail` never carries personal data or secrets. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: string;
  readonly status: number;
  readonly mend: string;

  constructor(spec: ErrorSpec, detail?: string, options?: { cause?: unknown }) {
    super(detail ? `${spec.meaning}: ${detail}` : spec.meaning, options);
    this.code = spec.code;
    this.status = spec.status;
    this.mend = spec.mend;
  }
}

/**
 * Declares the error codes of one area, once, at module load.
 * `defineErrors('ami', { line_too_long: [502, 'meaning', 'mend'] }).line_too_long` has the code `ami.line_too_long`.
 */
export function defineErrors<
  const Names extends Record<string, readonly [status: number, meaning: string, mend: string]>,
>(area: string, names: Names): { readonly [Name in keyof Names]: ErrorSpec } {
  const specs = Object.entries(names).map(([name, [status, meaning, mend]]) => {
    const spec: ErrorSpec = { code: `${area}.${name}`, status, meaning, mend };
    if (registry.has(spec.code)) throw new Error(`error code ${spec.code} is declared twice`);
    registry.set(spec.code, spec);
    return [name, spec] as const;
  });
  return Object.fromEntries(specs) as { readonly [Name in keyof Names]: ErrorSpec };
}

/** All codes declared by the modules loaded so far, in alphabetical order. */
export function declaredErrors(): readonly ErrorSpec[] {
  return [...registry.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** The text of anything thrown, for logs. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
