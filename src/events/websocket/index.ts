export { CommittedSnapshots } from './committed-snapshots.ts';
export { clientFrames, FilterSchema, protocolName } from './protocol.ts';
export { attachWebSocket, type EventSocketParts, EventSockets, refuseUpgrade } from './server.ts';
export { type LiveState, Snapshots, type SnapshotSource, type TakenSnapshot } from './snapshots.ts';
