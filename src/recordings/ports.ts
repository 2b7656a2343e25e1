import type { Readable } from 'node:stream';

/** What is kept of a recording. `live`: it runs; `stopped`: its file is not read yet; `ready`: read, with its checksum. */
export interface RecordingRecord {
  /** Also the name of the file at the PBX, without its extension. */
  readonly id: string;
  readonly callId: string;
  readonly nodeId: string;
  readonly agentId?: string;
  readonly phase: 'live' | 'stopped' | 'ready' | 'failed' | 'deleted';
  readonly byRule: boolean;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly file: string;
  readonly bytes?: number;
  readonly lengthMs?: number;
  readonly sha256?: string;
}

export interface RecordingFilter {
  readonly callId?: string;
  /** Begun before this, Unix milliseconds. */
  readonly beforeMs?: number;
  readonly limit: number;
}

/** Recordings as the transactions of the event log left them. Rejects with `storage.unavailable`. */
export interface RecordingStore {
  get(id: string): Promise<RecordingRecord | undefined>;
  /** Newest first. */
  list(filter: RecordingFilter): Promise<readonly RecordingRecord[]>;
  /** Those whose file has not been read, oldest first. */
  unread(limit: number): Promise<readonly RecordingRecord[]>;
  /** Those begun before, oldest first, whose file may still be there. */
  begunBefore(beforeMs: number, limit: number): Promise<readonly RecordingRecord[]>;
}

/** A file as it is read: its size when known before, and its bytes. Whoever opens it must read or destroy it. */
export interface RecordingFile {
  readonly bytes?: number;
  readonly body: Readable;
}

/** Where the files of recordings lie. Rejects with an AppError when that place cannot be reached. */
export interface RecordingFiles {
  /** `live`: the PBX still writes it. `gone`: there is no such file. */
  open(
    record: Pick<RecordingRecord, 'id' | 'nodeId' | 'file'>,
    signal: AbortSignal,
  ): Promise<RecordingFile | 'live' | 'gone'>;
  /** True when it is gone afterwards. */
  remove(record: Pick<RecordingRecord, 'id' | 'nodeId' | 'file'>, signal: AbortSignal): Promise<boolean>;
}

/** Writes a recording's state and what is told of it in one transaction, in order, without waiting; a deleted one is forgotten. */
export interface RecordingJournal {
  write(
    record: RecordingRecord,
    told?:
      | { readonly type: 'recording.ready.v1' | 'recording.deleted.v1' }
      | { readonly type: 'recording.lost.v1'; readonly code: string },
  ): void;
}
