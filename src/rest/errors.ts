import { AppError, type ErrorSpec } from '../kernel/index.ts';
import type { TransportErrors } from '../outgoing/index.ts';

/** The codes under which the owner of a template tells what went wrong with its neighbour. */
export interface RestErrors extends TransportErrors {
  readonly refused: ErrorSpec;
  /** Where it matters with which HTTP status the neighbour refused. */
  readonly refusedFor?: (status: number) => ErrorSpec;
  readonly rate_limited: ErrorSpec;
  readonly auth_failed: ErrorSpec;
  readonly answer_too_deep: ErrorSpec;
  readonly answer_not_json: ErrorSpec;
  readonly answer_shape: ErrorSpec;
  readonly secret_missing: ErrorSpec;
  readonly template_invalid: ErrorSpec;
}

/** `detail` never carries personal data or secrets. */
export function restError(spec: ErrorSpec, detail?: string, cause?: unknown): AppError {
  return new AppError(spec, detail, cause === undefined ? undefined : { cause });
}
