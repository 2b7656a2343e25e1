import type { EntryPolicy } from './entry.ts';
import type { CallRules } from './call-rules.ts';
import type { RecordingCare } from './recording-care.ts';
import type { Announcements, CallbackOffer, QueueHours } from './wait-care.ts';
import type { VoicemailPolicy } from './voicemail-state.ts';

/** What a call needs to know of the queue it is in. */
export interface QueueCare {
  readonly musicClass: string;
  readonly wrapUpMs: number;
  /** How long an agent is taken to be busy with one call, until it has been measured. */
  readonly handlingMs?: number | undefined;
  /** Who gave up and calls again within this time gets back the age he had. */
  readonly resumeWindowMs?: number | undefined;
  /** What those who wait are told; absent: nothing. */
  readonly announcements?: Announcements;
  /** Offered instead of waiting; absent: not. */
  readonly callback?: CallbackOffer;
  /** Always open when absent. */
  readonly hours?: QueueHours;
}

/** The rules a call lives by, from config. */
export interface CallPolicy {
  readonly entry: EntryPolicy;
  queue(queueId: string): QueueCare;
  /** Dialplan context in which `number` targets are dialled. */
  readonly transferContext: string;
  /** How conversations of a queue are recorded; absent where nothing is recorded. */
  readonly recording?: (queueId: string) => RecordingCare;
  /** Routing rules; absent where there are none and never were others. */
  readonly rules?: CallRules;
  /** How messages are taken in a box; absent where there is none. */
  readonly voicemail?: (boxId: string) => VoicemailPolicy | undefined;
  /** An agent whose leg ends so soon after the join has dropped the caller, not served it. */
  readonly dropGraceMs: number;
}
