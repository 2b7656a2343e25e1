import type { PortRange } from '../ports.ts';

/** A SIP phone that Asterisk knows by a fixed contact on loopback; several phones may share one port. */
export interface LabPhone {
  readonly name: string;
  readonly port: number;
}

export interface AsteriskOptions {
  /** How many phones 1001, 1002, …, each on a free port of its own; or the phones themselves. Default 10. */
  readonly phones?: number | readonly LabPhone[];
  /** How often Asterisk asks a phone by OPTIONS whether it is there; 0 = never, it then counts as there. Default 2. */
  readonly qualifySeconds?: number;
  /** ARI application of the 400 numbers. Default `ringmaster`. */
  readonly application?: string;
  /** More dialplan: whole contexts, or lines after a `[context](+)` header to extend one of ours. */
  readonly dialplan?: string;
  /** More files, or text appended to generated ones, by file name, for example `pjsip.conf`. */
  readonly extraConfig?: Readonly<Record<string, string>>;
  /** Leave it running when this process ends. */
  readonly detached?: boolean;
  readonly bootTimeoutMs?: number;
}

/** Everything that the generated configuration depends on: a pure function turns this into files. */
export interface ConfigInput {
  readonly runDir: string;
  readonly modulesDir: string;
  readonly hasModule: (module: string) => boolean;
  readonly httpPort: number;
  readonly amiPort: number;
  readonly amiTlsPort: number;
  readonly sipPort: number;
  readonly rtp: PortRange;
  readonly ariPassword: string;
  readonly amiSecret: string;
  readonly phones: readonly LabPhone[];
  readonly qualifySeconds: number;
  readonly application: string;
  readonly dialplan: string;
  readonly extraConfig: Readonly<Record<string, string>>;
}

export const ARI_USER = 'ringmaster';
/** May read, may not change anything: for observers in tests. */
export const ARI_OBSERVER = 'observer';
export const AMI_USER = 'ringmaster';
