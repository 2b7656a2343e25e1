import type { Logger } from '../../src/kernel/index.ts';

/** What was found to be wrong. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
  /** Milliseconds since the day began. */
  readonly tickMs: number;
  /** What happened last, oldest first. */
  readonly lastFacts: readonly string[];
}

const factsMax = 40;

/** Notes what happens, the newest for the report of a violation; all of it on paper when a day is traced. */
export class Diary {
  readonly violations: Violation[] = [];
  private facts: string[] = [];
  private readonly tickMs: () => number;
  private readonly trace: ((line: string) => void) | undefined;

  constructor(tickMs: () => number, trace?: (line: string) => void) {
    this.tickMs = tickMs;
    this.trace = trace;
  }

  note(fact: string): void {
    const line = `${(this.tickMs() / 1000).toFixed(3)} ${fact}`;
    this.trace?.(line);
    this.facts.push(line);
    if (this.facts.length > 4 * factsMax) this.facts = this.facts.slice(-factsMax);
  }

  violated(rule: string, what: string): void {
    this.note(`VIOLATION of ${rule}: ${what}`);
    this.violations.push({ rule, what, tickMs: this.tickMs(), lastFacts: this.facts.slice(-factsMax) });
  }
}

/** The server's log lines belong to what happened. */
export function loggerInto(diary: Diary): Logger {
  const write = (level: string) => (fields: object, message?: string) =>
    diary.note(`${level} ${message ?? ''} ${JSON.stringify(fields)}`);
  const logger: Logger = {
    debug: () => {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  return logger;
}
