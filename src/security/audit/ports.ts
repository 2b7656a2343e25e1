/** Plain facts of an entry, without personal data. */
export type AuditDetail = Readonly<Record<string, string | number | boolean>>;

/** Who did what to what. When is added by the log. */
export interface AuditEntry {
  /** A principal's id (`user:li`, `crm`), or `server`, `command-line`. */
  readonly actor: string;
  /** `thing.deed`, e.g. `call.reveal`, `user.disable`. */
  readonly action: string;
  /** What it was done to, e.g. `call/rm-…`. */
  readonly target?: string;
  readonly detail?: AuditDetail;
  /** Addresses, reasons, names: kept beside the chain, so that they can be erased and the chain still proves itself. */
  readonly personal?: Readonly<Record<string, string>>;
}

/** Where deeds are written down. */
export interface Audit {
  /** Never waits and never throws; written within a second, lost only if the process is killed before. */
  record(entry: AuditEntry): void;
  /** For what must not happen unrecorded (a number revealed, a recording handed out): resolves when it is written. */
  recordFirst(entry: AuditEntry): Promise<void>;
}

/** One link of the chain as stored. */
export interface AuditRow {
  /** Contiguous within the tenant, from 1. */
  readonly sequence: number;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  /** JSON text. */
  readonly detail: string;
  /** HMAC of salt and personal data; empty when there are none. */
  readonly personalTag: string;
  /** The `hmac` of the row before; empty for the first. */
  readonly previous: string;
  readonly hmac: string;
}

export interface AuditPersonal {
  readonly sequence: number;
  readonly atMs: number;
  readonly salt: string;
  /** JSON text. */
  readonly body: string;
}

/** Where a tenant's chain ends; sequence 0 and an empty `hmac` before the first row. */
export interface AuditHead {
  readonly sequence: number;
  readonly hmac: string;
}

export interface AuditLink {
  readonly row: AuditRow;
  readonly personal?: AuditPersonal;
}

/** Keeps chains. Rejects with `storage.unavailable` when it cannot. */
export interface AuditStore {
  /** Calls `link` with the head inside one transaction and writes what it gives; other writers wait meanwhile. */
  append(tenant: string, link: (head: AuditHead) => readonly AuditLink[]): Promise<AuditHead>;
  head(tenant: string): Promise<AuditHead>;
  read(tenant: string, afterSequence: number, limit: number): Promise<readonly AuditLink[]>;
  /** Erases personal data from before the time; the chain stays whole. Tells of how many entries. */
  erasePersonal(tenant: string, beforeMs: number): Promise<number>;
  /** The key of a site that gives none: made once and kept. */
  ownKey(made: string): Promise<string>;
}
