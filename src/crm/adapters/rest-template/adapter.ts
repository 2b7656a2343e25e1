import { AppError, type Clock } from '../../../kernel/index.ts';
import { type HttpTransport, httpTransport, type OwnNeighbour } from '../../../outgoing/index.ts';
import { crmError, crmErrors } from '../../errors.ts';
import type { AdapterAnswer, CustomerAdapter, CustomerQuery } from '../adapter.ts';
import { authoriserOf } from './auth.ts';
import { type EngineParts, runTemplate } from './engine.ts';
import type { Template } from './parse.ts';
import { RateLimit } from './rate.ts';
import { fill } from './request.ts';
import type { SecretRef } from './text.ts';

export interface RestAdapterOptions {
  readonly template: Template;
  /** Gives the value of `${env:…}` and `${file:…}`; undefined when there is none. Asked once, at the start. */
  readonly resolveSecret: (ref: SecretRef) => string | undefined;
  /** Private and loopback ranges that the CRM may live in, as CIDR. Link-local and metadata are refused all the same. */
  readonly allow: readonly string[];
  /** Our own parts, which no template reaches. */
  readonly own?: readonly OwnNeighbour[];
  readonly connectionsMax: number;
  readonly clock: Clock;
  /** Another way to send, for the dry run. */
  readonly transport?: HttpTransport;
}

const defaults = { responseBytesMax: 262_144, depthMax: 16, requestTimeoutMs: 2_000 };

/** A CRM asked as a template says. Throws `crm.secret_missing` or `crm.template_invalid` when it cannot be built. */
export function createRestAdapter(options: RestAdapterOptions): CustomerAdapter {
  const { document, revision } = options.template;
  const limits = { ...defaults, ...document.limits };
  const secretOf = secrets(options.resolveSecret);
  const baseUrl = checkedBaseUrl(fill(document.baseUrl, { secretOf, valueOf: () => '' }));
  const { allow, own = [], connectionsMax } = options;
  const transport = options.transport ?? httpTransport({ ...limits, errors: crmErrors, allow, own, connectionsMax });
  const rate =
    limits.requests === undefined ? undefined : new RateLimit(limits.requests, limits.perMs ?? 1_000, options.clock);
  const counters: Record<string, number> = { requests: 0, fieldsDropped: 0 };
  const count = (name: string, by = 1) => {
    counters[name] = (counters[name] ?? 0) + by;
  };
  const parts: EngineParts = {
    template: document,
    transport,
    authoriser: authoriserOf(document.auth, {
      transport,
      baseUrl,
      secretOf,
      clock: options.clock,
      depthMax: limits.depthMax,
    }),
    baseUrl,
    secretOf,
    depthMax: limits.depthMax,
    mayAsk: () => {
      count('requests');
      return rate?.take() ?? true;
    },
    onDropped: (fields) => count('fieldsDropped', fields),
  };
  return {
    id: document.id,
    revision,
    find: (query, signal) => countedFind(parts, query, signal, count),
    stats: () => ({ ...counters }),
    close: () => transport.close(),
  };
}

async function countedFind(
  parts: EngineParts,
  query: CustomerQuery,
  signal: AbortSignal,
  count: (name: string) => void,
): Promise<AdapterAnswer> {
  try {
    return await runTemplate(parts, query, signal);
  } catch (error) {
    count(error instanceof AppError ? error.code : 'defects');
    throw error;
  }
}

function secrets(resolve: RestAdapterOptions['resolveSecret']): (ref: SecretRef) => string {
  const known = new Map<string, string>();
  return (ref) => {
    const key = `${ref.from}:${ref.name}`;
    const value = known.get(key) ?? resolve(ref);
    if (value === undefined) throw crmError('secret_missing', `\${${key}}`);
    known.set(key, value);
    return value;
  };
}

function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isPlain)
    throw crmError('template_invalid', 'baseUrl: must be http(s)://host[:port][/path] without user, query or #');
  return text;
}
