export { asyncApi } from './asyncapi.ts';
export type { CloudEvent } from './envelope.ts';
export { eventErrors } from './errors.ts';
export { type EventKeys, LogEvent } from './event.ts';
export { admitsFamily, type EventFilter, hasPrefix, matches } from './filter.ts';
export { EventLog, type EventLogOptions, type EventLogParts, eventLogDefaults, type LogHealth } from './log.ts';
export type { CommitBatch, EventStore, LogPosition, StoredEvent, VersionedState } from './ports.ts';
export { type RetentionOptions, retentionDefaults } from './retention.ts';
export { EventStream, type StreamOptions, type Subscriber } from './stream.ts';
export {
  type Authenticate,
  attachWebSocket,
  type EventSocketParts,
  EventSockets,
  type LiveState,
  type SocketLimits,
  socketLimitDefaults,
} from './websocket/index.ts';
