import { pino } from 'pino';
import type { Logger } from '../kernel/index.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
type LogLevel = (typeof logLevels)[number];

interface LoggerOptions {
  readonly level: LogLevel;
  /** Shows `pii` fields in full; only for a test site. */
  readonly showPii?: boolean;
  /** Where lines go; standard output when absent. */
  readonly write?: (line: string) => void;
}

/** Names under which a secret could reach a log line by mistake; one level down as well. */
const secretNames = ['password', 'secret', 'token', 'authorization', 'apiKey'];

/** The server's log: one JSON object a line. Fields under `pii` and secrets are replaced by `[redacted]`. */
export function createLogger(options: LoggerOptions): Logger {
  const hidden = [...(options.showPii ? [] : ['pii']), ...secretNames];
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: hidden.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  };
  return options.write ? pino(settings, { write: options.write }) : pino(settings);
}
