import { AriError, ariErrors } from './errors.ts';
import type { SocketLimits } from './socket.ts';

export interface AriLimits extends SocketLimits {
  /** A frame from the PBX above this is dropped and counted. */
  readonly frameBytesMax: number;
  /** Requests under way at once, per transport. */
  readonly pendingMax: number;
  /** Of an answer over HTTP. */
  readonly answerBytesMax: number;
  /** Kept-alive HTTP connections; each counts against Asterisk's `sessionlimit`. */
  readonly connections: number;
  /** How long an Asterisk may leave the first request over the socket unanswered before HTTP is taken. */
  readonly probeTimeoutMs: number;
}

export const ARI_LIMITS: AriLimits = {
  connectTimeoutMs: 5_000,
  pingIntervalMs: 3_000,
  closeTimeoutMs: 1_000,
  frameBytesMax: 1024 * 1024,
  frameBytesHardMax: 16 * 1024 * 1024,
  writeBytesMax: 4 * 1024 * 1024,
  reconnect: { firstDelayMs: 200, delayMaxMs: 10_000 },
  pendingMax: 2_000,
  answerBytesMax: 16 * 1024 * 1024,
  connections: 8,
  probeTimeoutMs: 1_000,
};

export interface AriLinkOptions {
  readonly nodeId: string;
  /** Where ARI is served: `http://pbx:8088/ari`; `https` for TLS. */
  readonly url: string;
  readonly app: string;
  readonly username: string;
  readonly password: string;
  /** Ours, or the npm package ari-client 2.2.0 for the requests. */
  readonly driver?: 'ringmaster' | 'ari-client';
  /** `auto` takes REST over WebSocket where the PBX has it. */
  readonly transport?: 'auto' | 'http';
  /**
   * Asked before each attempt, with when the PBX was heard of last: Asterisk gives the application's name to whoever
   * comes last.
   */
  readonly mayConnect?: ((heardAtMs: number) => boolean) | undefined;
  readonly tls?: { readonly ca?: string; readonly rejectUnauthorized?: boolean };
  readonly limits?: Partial<AriLimits>;
}

export const limitsOf = (options: AriLinkOptions): AriLimits => ({ ...ARI_LIMITS, ...options.limits });

/** The address without credentials, query or trailing slash. Throws `ari.connect_failed` on an address that is none. */
export function baseUrlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new AriError(ariErrors.connect_failed, 'the address must be http(s)://host:port/ari, without credentials');
  }
  url.pathname = url.pathname.replace(/\/+$/, '') || '/ari';
  return url;
}
