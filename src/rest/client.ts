import type { Clock } from '../kernel/index.ts';
import { type HttpTransport, httpTransport, type OwnNeighbour } from '../outgoing/index.ts';
import { authoriserOf } from './auth.ts';
import { type RestErrors, restError } from './errors.ts';
import { RateLimit } from './rate.ts';
import { fill } from './request.ts';
import type { RestDocument } from './schema.ts';
import type { StepParts } from './steps.ts';
import type { SecretRef } from './text.ts';

export interface RestClientOptions {
  /** Gives the value of `${env:…}` and `${file:…}`; undefined when there is none. Asked once, at the start. */
  readonly resolveSecret: (ref: SecretRef) => string | undefined;
  /** Private and loopback ranges that the neighbour may live in, as CIDR. Link-local and metadata are refused all the same. */
  readonly allow: readonly string[];
  /** Our own parts, which no template reaches. */
  readonly own?: readonly OwnNeighbour[];
  readonly connectionsMax: number;
  readonly clock: Clock;
  /** Another way to send, for the dry run. */
  readonly transport?: HttpTransport;
}

/** One neighbour as its template says how to reach it. */
export interface RestClient extends StepParts {
  /** A URL with values in it, for people to open. */
  readonly fillUrl: (text: string, values: Readonly<Record<string, string>>) => string;
  /** Requests since the start, tokens excepted. */
  readonly requests: () => number;
  close(): Promise<void>;
}

const defaults = { responseBytesMax: 262_144, depthMax: 16, requestTimeoutMs: 2_000 };

/** Throws `secret_missing` or `template_invalid` of `errors` when it cannot be built. */
export function createRestClient(document: RestDocument, options: RestClientOptions, errors: RestErrors): RestClient {
  const { clock, allow, own = [], connectionsMax } = options;
  const limits = { ...defaults, ...document.limits };
  const { depthMax } = limits;
  const secretOf = secrets(options.resolveSecret, errors);
  const baseUrl = checkedBaseUrl(fill(document.baseUrl, { secretOf, valueOf: () => '', errors }), errors);
  const transport = options.transport ?? httpTransport({ ...limits, errors, allow, own, connectionsMax });
  const rate = limits.requests === undefined ? undefined : new RateLimit(limits.requests, limits.perMs ?? 1_000, clock);
  let requests = 0;
  return {
    transport,
    authoriser: authoriserOf(document.auth, { transport, baseUrl, secretOf, clock, depthMax, errors }),
    baseUrl,
    secretOf,
    depthMax,
    errors,
    mayAsk: () => {
      requests += 1;
      return rate?.take() ?? true;
    },
    fillUrl: (text, values) =>
      fill(text, { secretOf, valueOf: (name) => values[name] ?? '', errors }, encodeURIComponent),
    requests: () => requests,
    close: () => transport.close(),
  };
}

function secrets(resolve: RestClientOptions['resolveSecret'], errors: RestErrors): (ref: SecretRef) => string {
  const known = new Map<string, string>();
  return (ref) => {
    const key = `${ref.from}:${ref.name}`;
    const value = known.get(key) ?? resolve(ref);
    if (value === undefined) throw restError(errors.secret_missing, `\${${key}}`);
    known.set(key, value);
    return value;
  };
}

function checkedBaseUrl(text: string, errors: RestErrors): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (isPlain) return text;
  throw restError(errors.template_invalid, 'baseUrl: must be http(s)://host[:port][/path] without user, query or #');
}
