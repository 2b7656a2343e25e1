import { AppError, defineErrors } from '../src/kernel/index.ts';

export const configErrors = defineErrors('config', {
  invalid: [500, 'the configuration has errors', 'mend each line that is listed, then start again'],
  unreadable: [500, 'the configuration file cannot be read', 'name an existing, readable file'],
  restart_needed: [
    409,
    'these keys are read at the start only; the old values stay',
    'restart the server to change them',
  ],
  doubtful: [409, 'this may not do what is meant', 'see that it is as you want it'],
  prompts_changed: [
    409,
    'callers hear these prompts as they were spoken last',
    'run "prompts build", unless that was done since the change',
  ],
});

export type ProblemKind =
  | 'syntax'
  | 'unknown_key'
  | 'missing'
  | 'wrong_type'
  | 'out_of_range'
  | 'bad_form'
  | 'plain_secret'
  | 'secret_unavailable'
  | 'file_missing'
  | 'dangling'
  | 'duplicate'
  | 'contradiction'
  | 'restart_needed';

/** One thing wrong with a config file. `line` counts from 1; `key` is a path such as `queues[0].ringTimeoutMs`. */
export interface ConfigProblem {
  readonly kind: ProblemKind;
  readonly file: string;
  readonly line: number;
  readonly key: string;
  /** What is wrong; never shows the value of a secret. */
  readonly message: string;
  readonly mend: string;
}

/** Everything wrong with a config file, at once. */
export class ConfigError extends AppError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(configErrors.invalid, `${problems.length} found\n${problems.map(problemLine).join('\n')}`);
    this.problems = problems;
  }
}

function problemLine(problem: ConfigProblem): string {
  const { file, line, key, message, mend } = problem;
  return `  ${file}:${line}  ${key === '' ? '(file)' : key}: ${message}. ${mend}`;
}

/** Collects problems; a second problem at the same key, or below one that is already broken, is an echo and dropped. */
export class Problems {
  readonly #file: string;
  readonly #lines = new Map<string, number>();
  readonly #found = new Map<string, ConfigProblem>();

  constructor(file: string) {
    this.#file = file;
  }

  /** Remembers where a key stands, so that later checks can name its line. */
  place(key: string, line: number): void {
    this.#lines.set(key, line);
  }

  /** The line is the key's own, or that of the nearest key above it that is in the file. */
  report(kind: ProblemKind, key: string, message: string, mend: string): void {
    if (this.isBroken(key)) return;
    this.#found.set(key, { kind, file: this.#file, line: this.#lineOf(key), key, message, mend });
  }

  isBroken(key: string): boolean {
    for (let at: string | undefined = key; at !== undefined; at = parentKey(at)) {
      if (this.#found.has(at)) return true;
    }
    return false;
  }

  all(): readonly ConfigProblem[] {
    return [...this.#found.values()].sort((a, b) => a.line - b.line);
  }

  #lineOf(key: string): number {
    for (let at: string | undefined = key; at !== undefined; at = parentKey(at)) {
      const line = this.#lines.get(at);
      if (line !== undefined) return line;
    }
    return 1;
  }
}

/** `queues[0].needs.a` → `queues[0].needs` → `queues[0]` → `queues` → `` → undefined. */
function parentKey(key: string): string | undefined {
  if (key === '') return undefined;
  return key.slice(0, Math.max(key.lastIndexOf('.'), key.lastIndexOf('['), 0));
}
