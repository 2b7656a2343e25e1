import type { Call, CallInput, CommandResult, EntryPolicy, PbxCommand, PbxFact } from '../call/index.ts';
import type { RoutingRequest } from '../routing/index.ts';
import type { CallRegistry } from './call-registry.ts';
import type { LastAgents } from './last-agents.ts';
import type { Recorder } from './recorder.ts';
import type { Redials } from './redials.ts';
import type { RoutingDesk } from './routing-desk.ts';

/** The switchboard as its recovery needs it. */
export interface Board {
  readonly calls: CallRegistry;
  readonly desk: RoutingDesk;
  readonly recorder: Recorder;
  readonly lastAgents: LastAgents;
  readonly redials: Redials;
  restoreRules(kept: object | null): void;
  post(callId: string, input: CallInput): void;
  send(nodeId: string, callId: string, command: PbxCommand, then?: (result: CommandResult) => void): void;
  onFact(fact: PbxFact): void;
  agentChanged(agentId: string): void;
  /** Skills were given: routing must know. */
  profileChanged(agentId: string): void;
  entryOf(call: Call): EntryPolicy;
  /** What a call asks of routing now. */
  requestOf(call: Call): RoutingRequest;
  endWrapUpOfNobody(call: Call, agentId: string): void;
}
