/** A SIP message, as far as the lab's caller looks into it (RFC 3261). Header names are in lower case. */
export interface SipMessage {
  /** 0 for a request. */
  readonly status: number;
  readonly reason: string;
  /** Empty for a response. */
  readonly method: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

const compactNames: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
};

/** Parses one datagram; undefined for what is not SIP, such as the keep-alive of two line ends. */
export function parseSip(datagram: string): SipMessage | undefined {
  const headEnd = datagram.indexOf('\r\n\r\n');
  const lines = (headEnd < 0 ? datagram : datagram.slice(0, headEnd)).split('\r\n');
  const body = headEnd < 0 ? '' : datagram.slice(headEnd + 4);
  const start = lines[0] ?? '';
  const headers = new Map<string, string[]>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const raw = line.slice(0, colon).trim().toLowerCase();
    const name = compactNames[raw] ?? raw;
    const value = line.slice(colon + 1).trim();
    const known = headers.get(name);
    if (known) known.push(value);
    else headers.set(name, [value]);
  }
  const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(start);
  if (response) return { status: Number(response[1]), reason: response[2] ?? '', method: '', headers, body };
  const request = /^([A-Z]+) \S+ SIP\/2\.0$/.exec(start);
  if (request) return { status: 0, reason: '', method: request[1] ?? '', headers, body };
  return undefined;
}

export const header = (message: SipMessage, name: string): string => message.headers.get(name)?.[0] ?? '';

/** The method that a response answers, from its CSeq. */
export const answeredMethod = (message: SipMessage): string => header(message, 'cseq').split(' ')[1] ?? '';

/** The URI inside `Contact: "x" <sip:…>;param`, or the bare one. */
export function contactUri(message: SipMessage): string | undefined {
  const value = header(message, 'contact');
  return /<([^>]+)>/.exec(value)?.[1] ?? (value.split(';')[0] || undefined);
}

/** One message as text. `Content-Length` is added. */
export function formatSip(start: string, headers: readonly (readonly [string, string])[], body = ''): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${start}\r\n${lines}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** A response to a request, with the headers that must come back unchanged. */
export function formatResponse(
  request: SipMessage,
  start: string,
  extra: readonly (readonly [string, string])[],
  body = '',
): string {
  const vias = (request.headers.get('via') ?? []).map((via) => ['Via', via] as const);
  const copied = (['From', 'To', 'Call-ID', 'CSeq'] as const).map(
    (name) => [name, header(request, name.toLowerCase())] as const,
  );
  return formatSip(`SIP/2.0 ${start}`, [...vias, ...copied, ...extra], body);
}

/**
 * An offer of µ-law to the discard port: the lab's caller neither sends nor hears media, and packets to a port where
 * nobody listens cost less than reading them.
 */
export function sdp(host: string): string {
  const lines = ['v=0', `o=- 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0', 'm=audio 9 RTP/AVP 0 101'];
  return [...lines, 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000', 'a=sendrecv', ''].join('\r\n');
}
