import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorSpec, errorText, type Logger } from '../kernel/index.ts';
import { httpErrors } from './errors.ts';
import { TooManyError } from './rate-limit.ts';

interface FailureBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly mend: string;
    readonly details?: readonly { readonly in: string; readonly path: string; readonly message: string }[];
  };
}

/** A refusal that names each place. */
export class DetailedError extends AppError {
  readonly details: NonNullable<FailureBody['error']['details']>;

  constructor(spec: ErrorSpec, details: NonNullable<FailureBody['error']['details']>) {
    super(spec);
    this.details = details;
  }
}

export interface Failure {
  readonly status: number;
  readonly body: FailureBody;
}

/** The answer for an error code. Values that the client sent are never repeated: they may be personal data. */
export function failureOf(spec: ErrorSpec, details?: FailureBody['error']['details']): Failure {
  const { code, status, meaning: message, mend } = spec;
  return { status, body: { error: { code, message, mend, ...(details ? { details } : {}) } } };
}

/** Turns whatever a request ran into into an answer; what nobody foresaw is logged and told as `http.internal`. */
export function failureHandler(logger: Logger) {
  return (error: FastifyError | AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const failure = explain(error);
    if (error instanceof TooManyError) reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000));
    if (failure.status === 401) reply.header('www-authenticate', 'Bearer');
    if (failure.status >= 500 && !(error instanceof AppError)) {
      logger.error(
        { requestId: request.id, route: request.routeOptions.url, error: errorText(error) },
        'request failed',
      );
    }
    return reply.status(failure.status).type('application/json').serializer(JSON.stringify).send(failure.body);
  };
}

function explain(error: FastifyError | AppError): Failure {
  if (error instanceof AppError) {
    const details = error instanceof DetailedError ? error.details : undefined;
    return failureOf({ code: error.code, status: error.status, meaning: error.message, mend: error.mend }, details);
  }
  if (error.validation) {
    const place = error.validationContext ?? 'body';
    return failureOf(
      httpErrors.bad_request,
      error.validation.slice(0, 20).map((item) => ({
        in: place,
        path: item.instancePath,
        message: item.message ?? 'does not fit',
      })),
    );
  }
  return failureOf(byFrameworkCode[error.code] ?? byStatus(error.statusCode ?? 500));
}

const byFrameworkCode: Readonly<Record<string, ErrorSpec>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: httpErrors.body_too_large,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: httpErrors.media_type,
  FST_ERR_BAD_URL: httpErrors.not_found,
  FST_ERR_MAX_PARAM_LENGTH: httpErrors.not_found,
};

/** Fastify's other errors below 500 are about a body that could not be read. */
function byStatus(status: number): ErrorSpec {
  return status >= 400 && status < 500 ? httpErrors.bad_body : httpErrors.internal;
}
