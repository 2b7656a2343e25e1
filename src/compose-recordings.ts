import { type Config, recordingWanted } from '../config/index.ts';
import type { EventLog } from './events/index.ts';
import type { RecordingDoor } from './http/index.ts';
import type { Clock, Logger } from './kernel/index.ts';
import type { Audit } from './security/index.ts';
import type { RecordingFiles, RecordingJournal, RecordingRecord, RecordingStore } from './recordings/ports.ts';

/** Recordings joined to the rest of the server. */
export interface Recordings {
  readonly door: RecordingDoor;
  start(): void;
  stop(): Promise<void>;
}

interface Parts {
  readonly log: EventLog;
  readonly store: RecordingStore;
  readonly audit: Pick<Audit, 'record'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Undefined where the config lets nothing be recorded, neither conversations nor messages: then none of it is loaded. */
export async function composeRecordings(config: Config, parts: Parts): Promise<Recordings | undefined> {
  if (!recordingWanted(config) && config.voicemails.length === 0) return undefined;
  const { RecordingDesk, folderFiles } = await import('./recordings/index.ts');
  const { StoredRecordings } = await import('./ari/index.ts');
  const { log, store, audit, clock, logger } = parts;
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

const journalOf = (log: EventLog, audit: Pick<Audit, 'record'>, clock: Clock): RecordingJournal => ({
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
