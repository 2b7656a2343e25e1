/**
 * The shape of the logger that I/O folders get handed: pino's, cut to what we use.
 * Fields that hold personal data go under `pii` and are redacted by default; messages never hold numbers or names.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}
