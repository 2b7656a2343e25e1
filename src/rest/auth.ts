import type { Clock } from '../kernel/index.ts';
import type { HttpAnswer, HttpTransport } from '../outgoing/index.ts';
import { isSuccessStatus, jsonOf, meets } from './answer.ts';
import { type RestErrors, restError } from './errors.ts';
import { at } from './fields.ts';
import { textOf } from './functions.ts';
import { buildRequest, fill, headerValue, type Values } from './request.ts';
import type { AuthDocument, ConditionDocument, RequestDocument } from './schema.ts';

type Headers = Readonly<Record<string, string>>;

/** How the neighbour is told who we are. */
export interface Authoriser {
  headers(signal: AbortSignal): Promise<Headers>;
  /** Told of each answer; true when the token it was sent with is used up and a new one is worth a try. */
  isExpired(answer: HttpAnswer, sentWith: Headers): boolean;
}

export interface AuthParts {
  readonly transport: HttpTransport;
  readonly baseUrl: string;
  readonly secretOf: Values['secretOf'];
  readonly clock: Clock;
  readonly depthMax: number;
  readonly errors: RestErrors;
}

export function authoriserOf(auth: AuthDocument, parts: AuthParts): Authoriser {
  const text = (value: string) => fill(value, valuesOf(parts));
  switch (auth.type) {
    case 'none':
      return fixed({});
    case 'basic':
      return fixed({ authorization: basic(text(auth.username), text(auth.password)) });
    case 'bearer':
      return fixed({ authorization: headerValue(`Bearer ${text(auth.token)}`, parts.errors) });
    case 'header':
      return fixed({ [auth.name.toLowerCase()]: headerValue(text(auth.value), parts.errors) });
    case 'oauth2ClientCredentials':
      return new CachedToken(clientCredentials(auth, text), parts);
    case 'tokenStep':
      return new CachedToken(auth, parts);
  }
}

const valuesOf = ({ secretOf, errors }: AuthParts): Values => ({ secretOf, valueOf: () => '', errors });
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const fixed = (headers: Headers): Authoriser => ({ headers: () => Promise.resolve(headers), isExpired: () => false });

interface TokenDocument extends RequestDocument {
  readonly token: string;
  readonly expiresInS?: string | undefined;
  readonly lifetimeMs?: number | undefined;
  readonly header?: string | undefined;
  readonly prefix?: string | undefined;
  readonly expiredWhen?: ConditionDocument | undefined;
  /** Headers made of secrets, already filled. */
  readonly extraHeaders?: Headers;
}

/** OAuth 2 client credentials (RFC 6749, 4.4) is a token step with everything but the names given. */
function clientCredentials(
  auth: Extract<AuthDocument, { type: 'oauth2ClientCredentials' }>,
  text: (value: string) => string,
): TokenDocument {
  const inHeader = auth.credentialsIn === 'header';
  const credentials = inHeader ? {} : { client_id: auth.clientId, client_secret: auth.clientSecret };
  return {
    method: 'POST',
    url: auth.tokenUrl,
    form: { grant_type: 'client_credentials', ...credentials, ...(auth.scope ? { scope: auth.scope } : {}) },
    token: 'access_token',
    expiresInS: 'expires_in',
    expiredWhen: auth.expiredWhen,
    // RFC 6749, 2.3.1: both are form-encoded before they are joined.
    ...(inHeader
      ? {
          extraHeaders: {
            authorization: basic(encodeURIComponent(text(auth.clientId)), encodeURIComponent(text(auth.clientSecret))),
          },
        }
      : {}),
  };
}

const DEFAULT_LIFETIME_MS = 30 * 60_000;
const LIFETIME_MAX_MS = 24 * 3_600_000;
const TOKEN_CHARS_MAX = 8_192;
/** A token is renewed this share of its life before its end, so that none expires on the way. */
const MARGIN = 0.1;

/** A token fetched once and used until shortly before it ends; all who need a new one share its fetch. */
class CachedToken implements Authoriser {
  private readonly document: TokenDocument;
  private readonly parts: AuthParts;
  private token: { readonly headers: Headers; readonly untilMs: number } | undefined;
  private fetching: Promise<Headers> | undefined;

  constructor(document: TokenDocument, parts: AuthParts) {
    this.document = document;
    this.parts = parts;
  }

  headers(signal: AbortSignal): Promise<Headers> {
    if (this.token && this.parts.clock.nowMs() < this.token.untilMs) return Promise.resolve(this.token.headers);
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = undefined;
    });
    return orTimeout(this.fetching, signal, this.parts.errors);
  }

  isExpired(answer: HttpAnswer, sentWith: Headers): boolean {
    const condition = this.document.expiredWhen ?? { status: [401] };
    if (!meets(condition, answer, () => jsonOrNothing(answer, this.parts))) return false;
    // Another answer may have told us already, and the new token must not be thrown away.
    if (this.token?.headers === sentWith) this.token = undefined;
    return true;
  }

  /** For all who wait, so none of them ends it by giving up; the transport's own limit does. */
  private async fetch(): Promise<Headers> {
    const { document, parts } = this;
    const request = buildRequest(document, parts.baseUrl, valuesOf(parts));
    const answer = await parts.transport.send(
      { ...request, headers: { ...request.headers, ...document.extraHeaders } },
      new AbortController().signal,
    );
    const json = jsonOf(answer, parts.depthMax, parts.errors);
    const isGood = document.successWhen ? meets(document.successWhen, answer, () => json) : isSuccessStatus(answer);
    const token = textOf(at(json, document.token));
    if (!isGood || !token || token.length > TOKEN_CHARS_MAX)
      throw restError(parts.errors.auth_failed, `token request: status ${answer.status}`);
    const headers = {
      [(document.header ?? 'Authorization').toLowerCase()]: headerValue(
        `${document.prefix ?? 'Bearer '}${token}`,
        parts.errors,
      ),
    };
    this.token = { headers, untilMs: parts.clock.nowMs() + this.lifetimeMs(json) * (1 - MARGIN) };
    return headers;
  }

  private lifetimeMs(json: unknown): number {
    const { expiresInS, lifetimeMs = DEFAULT_LIFETIME_MS } = this.document;
    const seconds = expiresInS === undefined ? Number.NaN : Number(at(json, expiresInS));
    return seconds > 0 ? Math.min(seconds * 1000, LIFETIME_MAX_MS) : lifetimeMs;
  }
}

/** The outcome of work that others share, unless whoever waits gives up before. */
function orTimeout<Result>(work: Promise<Result>, signal: AbortSignal, errors: RestErrors): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(restError(errors.timeout));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

function jsonOrNothing(answer: HttpAnswer, { depthMax, errors }: AuthParts): unknown {
  try {
    return jsonOf(answer, depthMax, errors);
  } catch {
    return undefined;
  }
}
