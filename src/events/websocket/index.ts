export { clientFrames, FilterSchema, protocolName } from './protocol.ts';
export { attachWebSocket, type EventSocketParts, EventSockets } from './server.ts';
export { type LiveState, Snapshots } from './snapshots.ts';
