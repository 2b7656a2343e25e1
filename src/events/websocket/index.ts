export { clientFrames, closeCodes, FilterSchema, protocolName } from './protocol.ts';
export { attachWebSocket, type EventSocketParts, EventSockets } from './server.ts';
export { type Authenticate, type SocketLimits, socketLimitDefaults } from './session-context.ts';
export type { LiveState } from './snapshots.ts';
