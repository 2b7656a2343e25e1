export { buildApi } from './app.ts';
export type {
  AdviceDoor,
  CustomerDesk,
  HttpDeps,
  HttpSettings,
  RecordingDoor,
  RulesDoor,
  SignInParts,
} from './deps.ts';
export type { ExplainedView, RuleVersionView } from './rule-schemas.ts';
export { createHttpServer, type HttpServer } from './server.ts';
export { createStandbyServer } from './standby.ts';
export { openWaitingRoom, type WaitingRoom } from './waiting-room.ts';
export type { TicketDoor, TicketWish } from './ticket-door.ts';
