import { type Config, recordingCare } from '../config/index.ts';
import { StoredRecordings } from './ari/index.ts';
import { recordingWanted } from './bridge/index.ts';
import type { EventLog } from './events/index.ts';
import type { RecordingDoor } from './http/index.ts';
import { AppError, type Clock, type Logger } from './kernel/index.ts';
import { folderFiles, RecordingDesk, recordingErrors } from './recordings/index.ts';
import type { RecordingFiles, RecordingJournal, RecordingRecord, RecordingStore } from './recordings/ports.ts';
import type { RuleSet } from './routing/index.ts';
import type { Audit } from './security/index.ts';

interface Parts {
  readonly log: Pick<EventLog, 'write' | 'onCommitted'>;
  readonly store: RecordingStore;
  readonly audit: Pick<Audit, 'record'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What looks after recordings while the server runs. */
interface Opened {
  readonly door: RecordingDoor;
  start(): void;
  stop(): Promise<void>;
}

/** Where nothing is recorded there is nothing to find. */
const nothingRecorded: RecordingDoor = {
  get: () => Promise.reject(new AppError(recordingErrors.unknown)),
  list: () => Promise.resolve([]),
  open: () => Promise.reject(new AppError(recordingErrors.unknown)),
};

/** Recordings joined to the rest of the server, from when rules first let anything be recorded: conversations or messages. */
export class Recordings {
  private readonly config: Config;
  private readonly parts: Parts;
  private opened: Opened | undefined;
  private started = false;
  readonly door: RecordingDoor = {
    get: (id) => this.current.get(id),
    list: (filter) => this.current.list(filter),
    open: (id, signal) => this.current.open(id, signal),
  };

  constructor(config: Config, parts: Parts) {
    this.config = config;
    this.parts = parts;
  }

  /** Calls may go by these rules from now on. */
  want({ entries, queues, voicemails }: Pick<RuleSet, 'entries' | 'queues' | 'voicemails'>): void {
    const { rule } = recordingCare(this.config);
    if (this.opened || (voicemails.length === 0 && !recordingWanted(rule, { entries, queues }))) return;
    this.opened = openRecordings(this.config, this.parts);
    if (this.started) this.opened.start();
  }

  start(): void {
    this.started = true;
    this.opened?.start();
  }

  async stop(): Promise<void> {
    this.started = false;
    await this.opened?.stop();
  }

  private get current(): RecordingDoor {
    return this.opened?.door ?? nothingRecorded;
  }
}

function openRecordings(config: Config, { log, store, audit, clock, logger }: Parts): Opened {
  const nodes = new Map(
    config.pbx.nodes.map(({ id, ari }) => [
      id,
      new StoredRecordings({
        url: ari.url,
        username: ari.user,
        password: ari.password.reveal(),
        deadlineMs: ari.deadlineMs,
      }),
    ]),
  );
  const fromPbx: RecordingFiles = {
    async open({ nodeId, id }, signal) {
      const node = nodes.get(nodeId);
      if (!node) return 'gone';
      if (await node.isLive(id, signal)) return 'live';
      return (await node.open(id, signal)) ?? 'gone';
    },
    remove: async ({ nodeId, id }, signal) => (await nodes.get(nodeId)?.remove(id, signal)) ?? true,
  };
  const { directory, keepMs, readWithinMs, fileBytesMax } = config.recording;
  const isLive = async (nodeId: string, id: string, signal: AbortSignal) =>
    (await nodes.get(nodeId)?.isLive(id, signal)) ?? false;
  const files = directory === undefined ? fromPbx : folderFiles(directory, isLive);
  const desk = new RecordingDesk(
    { store, files, journal: journalOf(log, audit, clock), clock, logger },
    { keepMs, readWithinMs, fileBytesMax },
  );
  log.onCommitted((events) => {
    if (events.some(({ type }) => type === 'call.recording.stopped.v1')) desk.ended();
  });
  return {
    door: {
      get: (id) => desk.get(id),
      list: (filter) => desk.list(filter),
      open: (id, signal) => desk.open(id, signal),
    },
    start: () => desk.start(),
    async stop() {
      await desk.stop();
      await Promise.all([...nodes.values()].map((node) => node.close()));
    },
  };
}

const journalOf = (log: Pick<EventLog, 'write'>, audit: Pick<Audit, 'record'>, clock: Clock): RecordingJournal => ({
  write: (record, told) => {
    if (told?.type === 'recording.deleted.v1') {
      audit.record({ actor: 'server', action: 'recording.delete', target: `recording/${record.id}` });
    }
    const state = record.phase === 'deleted' ? null : record;
    const states = [{ kind: 'recording', id: record.id, state }] as const;
    const atMs = clock.nowMs();
    const subject = `recording/${record.id}`;
    const detail = told && 'code' in told ? { code: told.code } : {};
    const data: { readonly recording: RecordingRecord } = { recording: record };
    log.write(told ? [{ type: told.type, subject, atMs, data: { ...data, ...detail } }] : [], states);
  },
});
