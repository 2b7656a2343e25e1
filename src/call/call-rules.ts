import type { Placement } from './placement.ts';
import type { RuledCall } from './rule-facts.ts';

/** The routing rules a call lives by: those of the version that was in force when it came. */
export interface CallRules {
  /** Absent for those with which the server started. */
  readonly version?: string;
  /** The first rule that fits the call as it is now; a pure function. Absent where there are no rules. */
  readonly place?: (call: RuledCall, atMs: number) => Placement | undefined;
  /** Whether conditions of rules and steps look at the call: it is then looked at anew when its data changes. */
  readonly looksAtCall: boolean;
  /** Who talked with this number last. Absent where no rule asks. */
  readonly lastAgentOf?: (callerNumber: string) => string | undefined;
}
