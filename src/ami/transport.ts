import net from 'node:net';
import tls from 'node:tls';
import { AppError } from '../kernel/index.ts';
import { amiErrors } from './errors.ts';
import type { AmiTlsOptions } from './options.ts';

export interface TransportHandlers {
  /** Connected; over TLS, with the certificate verified. */
  opened(): void;
  data(chunk: Buffer): void;
  /** Once, also when it never opened; not after `close()`. */
  closed(error: AppError): void;
}

/** A byte stream to the PBX. The connect deadline is the connection's, which closes what does not open. */
export interface Transport {
  /** False when more than the bound waits to be written; nothing was written then. */
  write(text: string): boolean;
  close(): void;
}

export interface TransportOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: AmiTlsOptions;
  readonly writeBufferBytesMax: number;
}

export type OpenTransport = (options: TransportOptions, handlers: TransportHandlers) => Transport;

/** TCP, or TLS where options say so. */
export const openSocket: OpenTransport = (options, handlers) => {
  const socket = options.tls ? connectTls(options, options.tls) : net.connect(options.port, options.host);
  let cause: Error | undefined;
  let closed = false;
  socket.setNoDelay(true);
  socket.on(options.tls ? 'secureConnect' : 'connect', () => handlers.opened());
  socket.on('data', (chunk: Buffer) => {
    if (!closed) handlers.data(chunk);
  });
  socket.on('error', (error: Error) => {
    cause = error;
  });
  socket.on('close', () => {
    if (closed) return;
    closed = true;
    handlers.closed(new AppError(amiErrors.connect_failed, cause ? codeOf(cause) : 'closed by the peer', { cause }));
  });
  return {
    write(text) {
      if (closed || socket.writableLength + text.length > options.writeBufferBytesMax) return false;
      socket.write(text, 'utf8');
      return true;
    },
    close() {
      closed = true;
      socket.destroy();
    },
  };
};

function connectTls(options: TransportOptions, tlsOptions: AmiTlsOptions): tls.TLSSocket {
  const serverName = tlsOptions.serverName ?? (net.isIP(options.host) ? undefined : options.host);
  return tls.connect({
    host: options.host,
    port: options.port,
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(tlsOptions.ca === undefined ? {} : { ca: tlsOptions.ca }),
  });
}

const codeOf = (error: Error & { code?: string }): string => error.code ?? error.message;
