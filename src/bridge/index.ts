export { recordingWanted } from './recording-wanted.ts';
export {
  type Advice,
  AdviceDesk,
  type AdviceQuestion,
} from './advice-desk.ts';
export { ExplainDesk, type ExplainOutcome, type MadeUpCall } from './explain-desk.ts';
export { FrontDesk } from './front-desk.ts';
export type { Beside, CallDetail, CommandErrorCode, CommandOutcome, FrontDoor } from './front-door.ts';
export { OutboundDoor } from './outbound-door.ts';
export type { RuleDesk } from './rule-desk.ts';
export { Switchboard, type SwitchboardOptions } from './switchboard.ts';
export { customerBrief, customerCard } from './views.ts';
