export { asyncApi } from './asyncapi.ts';
export type { CommitListener, CommittedLog } from './committed-log.ts';
export { LogEvent } from './event.ts';
export { lastLoss } from './losses.ts';
export { SequenceWaits } from './sequence-waits.ts';
export { toldEvent } from './told.ts';
export { type EventFilter, matches } from './filter.ts';
export { EventLog, type EventLogOptions } from './log.ts';
export type { EventStore, FollowedStore, StoredEvent } from './ports.ts';
export { retentionDefaults } from './retention.ts';
export { EventStream } from './stream.ts';
export {
  attachWebSocket,
  CommittedSnapshots,
  type EventSocketParts,
  EventSockets,
  type LiveState,
  refuseUpgrade,
  Snapshots,
  type SnapshotSource,
  type TakenSnapshot,
} from './websocket/index.ts';
