import type { AgentProfile } from '../agents/index.ts';
import type { TimeZone } from '../calendar/index.ts';
import type { EntryPolicy, Placement, RuledCall, VoicemailPolicy } from '../call/index.ts';
import type { QueueFolding } from './folding.ts';
import type { QueuePolicy } from './policy.ts';

/** One version of everything that decides where calls go: what can be changed while the server runs. */
export interface RuleSet {
  /** Names the content: the same rules have the same version, also after a restart. */
  readonly version: string;
  readonly entries: readonly EntryPolicy[];
  readonly queues: readonly QueuePolicy[];
  readonly agents: readonly AgentProfile[];
  readonly voicemails: readonly VoicemailPolicy[];
  /** By queue, for queues whose rules look at the call. */
  readonly folding: ReadonlyMap<string, QueueFolding>;
  /** The first rule that fits a call; absent where there are no rules. */
  readonly place?: (call: RuledCall, atMs: number) => Placement | undefined;
  /** The clock by which rules tell the time. */
  readonly timeZone: TimeZone;
  /** Whether a rule asks who talked with a number last. */
  readonly asksForLastAgent: boolean;
}
