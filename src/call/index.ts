export type { PbxCommand } from './commands.ts';
export type {
  Customer,
  CustomerCandidate,
  CustomerResult,
  CustomerStatus,
  LastContact,
  OpenTicket,
  Purchase,
} from './customer.ts';
export type { EntryPolicy } from './entry.ts';
export type {
  CommandFailed,
  CommandFailure,
  CommandResult,
  DeviceFact,
  DeviceState,
  LegSnapshot,
  PbxFact,
  PbxSnapshot,
} from './facts.ts';
export { type Target, targetName } from './target.ts';
