export { FrontDesk } from './front-desk.ts';
export type { CallDetail, CommandErrorCode, CommandOutcome, FrontDoor, Snapshot } from './front-door.ts';
export { Switchboard, type SwitchboardOptions, type SwitchboardStats } from './switchboard.ts';
