export type { CallDetail, CommandErrorCode, CommandOutcome, FrontDoor, Snapshot } from './front-door.ts';
