/** All bounds of a link in one place; times in milliseconds. */
export interface AmiLimits {
  /** From the first packet to the greeting. */
  readonly connectTimeoutMs: number;
  readonly loginTimeoutMs: number;
  /** How long `up` waits for FullyBooted, which only users with `read=system` get. */
  readonly bootTimeoutMs: number;
  readonly actionTimeoutMs: number;
  readonly listTimeoutMs: number;
  readonly logoffTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  readonly pendingActionsMax: number;
  readonly listEventsMax: number;
  readonly writeBufferBytesMax: number;
  readonly lineBytesMax: number;
  readonly messageLinesMax: number;
  readonly messageBytesMax: number;
}

export const defaultAmiLimits: AmiLimits = {
  connectTimeoutMs: 5_000,
  loginTimeoutMs: 5_000,
  bootTimeoutMs: 10_000,
  actionTimeoutMs: 5_000,
  listTimeoutMs: 10_000,
  logoffTimeoutMs: 500,
  pingIntervalMs: 3_000,
  pingTimeoutMs: 3_000,
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  pendingActionsMax: 256,
  listEventsMax: 20_000,
  writeBufferBytesMax: 1_048_576,
  lineBytesMax: 16_384,
  messageLinesMax: 2_048,
  messageBytesMax: 262_144,
};

/** Certificates are always verified: a self-signed one is given as `ca` (PEM). */
export interface AmiTlsOptions {
  readonly ca?: string;
  /** The name in the certificate, where it differs from `host`. */
  readonly serverName?: string;
}

export interface AmiLinkOptions {
  readonly nodeId: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly secret: string;
  readonly tls?: AmiTlsOptions;
  /** Classes of events asked for; `dialplan` (VarSet, Newexten) is most of the traffic and of no use to us. */
  readonly eventMask?: string;
  readonly driver?: 'ringmaster' | 'asterisk-manager';
  readonly limits?: Partial<AmiLimits>;
}

export const defaultEventMask = 'system,call,agent,user';
