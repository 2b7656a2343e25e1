/** A request as a client sent it to an instance that cannot answer it. */
export interface ForwardedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Whose request it is, the nearest last, as far as we believe it. */
  readonly addresses: readonly string[];
  /** Whether it came to us by TLS. */
  readonly isSecure: boolean;
  readonly body: Buffer | undefined;
}

/** Says which instance handed a request on; one that bears it is not handed on again. */
export const handedOn = 'x-ringmaster-instance';

/** Headers of one connection, not of the message (RFC 9110 §7.6.1); and what the client library writes itself. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
]);

/** What a client may not say of itself: we say it, from what we know. */
const ofProxies: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  handedOn,
]);

/** The owner believes where a request came from when this instance is one of its `server.trustedProxies`. */
export function headersForOwner(
  { headers, addresses, isSecure }: ForwardedRequest,
  instanceId: string,
): Record<string, string | string[]> {
  const named = namedByConnection(headers['connection']);
  const kept = Object.entries(headers).flatMap(([name, value]) => {
    const isOurs = ofConnection.has(name) || ofProxies.has(name) || named.has(name) || name.startsWith(':');
    return value === undefined || isOurs ? [] : [[name, typeof value === 'string' ? value : [...value]] as const];
  });
  return {
    ...Object.fromEntries(kept),
    'x-forwarded-for': addresses.join(', '),
    'x-forwarded-proto': isSecure ? 'https' : 'http',
    [handedOn]: instanceId,
  };
}

export function headersForClient(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const named = namedByConnection(headers['connection']);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      // The length stays: the bytes are passed on as they are.
      value === undefined || named.has(name) || (ofConnection.has(name) && name !== 'content-length')
        ? []
        : [[name, value] as const],
    ),
  );
}

/** `Connection` may name further headers that end here. */
function namedByConnection(value: string | readonly string[] | undefined): ReadonlySet<string> {
  return new Set(
    [value ?? []]
      .flat()
      .join(',')
      .split(',')
      .map((name) => name.trim().toLowerCase()),
  );
}
