import { createHash } from 'node:crypto';
import { AppError } from '../kernel/index.ts';
import { AmiDecoder, encodeAction } from './codec.ts';
import { amiErrors } from './errors.ts';
import { type AmiLimits, type AmiLinkOptions, defaultEventMask } from './options.ts';
import type { AmiFields, AmiMessage, AmiResult, AmiStats } from './ports.ts';
import { type OpenTransport, openSocket, type Transport } from './transport.ts';

export interface WireHandlers {
  /** Connected and greeted by an Asterisk. */
  opened(): void;
  message(message: AmiMessage): void;
  /** Once, also when it never opened; not after `close()`. */
  closed(error: AppError): void;
}

/** Sends an action and waits for its answer, by the login's deadline. */
export type Request = (name: string, fields: AmiFields) => Promise<AmiResult>;

/** One connection's messages, without any state beyond it. This is what a driver implements. */
export interface Wire {
  /** Throws an AppError when the action cannot be sent. */
  send(name: string, actionId: string, fields: AmiFields): void;
  login(request: Request): Promise<AmiResult>;
  close(): void;
}

export interface WireOptions {
  readonly link: AmiLinkOptions;
  readonly limits: AmiLimits;
  readonly stats: AmiStats;
}

export type OpenWire = (options: WireOptions, handlers: WireHandlers) => Wire;

/** The default driver: our codec over a socket. */
export const openOwnWire: OpenWire = (options, handlers) => openCodecWire(openSocket, options, handlers);

/** As `openOwnWire`, over any byte stream. */
export function openCodecWire(openTransport: OpenTransport, options: WireOptions, handlers: WireHandlers): Wire {
  const { link, limits, stats } = options;
  let closed = false;
  const close = () => {
    closed = true;
    transport.close();
  };
  const decoder = new AmiDecoder(
    {
      greeting(version) {
        if (version !== undefined) return handlers.opened();
        close();
        handlers.closed(new AppError(amiErrors.bad_greeting));
      },
      message(message) {
        if (!closed) handlers.message(message);
      },
      refused(error) {
        stats.refusedMessages += 1;
        stats.refusedByCode[error.code] = (stats.refusedByCode[error.code] ?? 0) + 1;
      },
    },
    limits,
  );
  const transport: Transport = openTransport(
    {
      host: link.host,
      port: link.port,
      writeBufferBytesMax: limits.writeBufferBytesMax,
      ...(link.tls === undefined ? {} : { tls: link.tls }),
    },
    {
      opened: () => {},
      data(chunk) {
        stats.bytes += chunk.length;
        if (!closed) decoder.push(chunk);
      },
      closed: (error) => handlers.closed(error),
    },
  );
  return {
    send(name, actionId, fields) {
      if (!transport.write(encodeAction(name, actionId, fields))) throw new AppError(amiErrors.write_backlog, name);
    },
    login: (request) => loginByChallenge(request, link),
    close,
  };
}

/** The secret never crosses the wire. Asterisk knows no stronger digest than MD5 here: use TLS on foreign networks. */
async function loginByChallenge(request: Request, link: AmiLinkOptions): Promise<AmiResult> {
  const challenge = await request('Challenge', { AuthType: 'MD5' });
  if (challenge.kind === 'refused') return challenge;
  const key = createHash('md5')
    .update((challenge.response.get('Challenge') ?? '') + link.secret)
    .digest('hex');
  const events = link.eventMask ?? defaultEventMask;
  return request('Login', { AuthType: 'MD5', Username: link.username, Key: key, Events: events });
}
