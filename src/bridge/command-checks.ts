import type { Agent } from '../agents/index.ts';
import type { Call, CallInput, CallPhase, Target } from '../call/index.ts';
import { offerTo, partyAgentId, soleOffer } from '../call/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { Beside, CommandErrorCode, CommandOutcome } from './front-door.ts';
import type { Switchboard } from './switchboard.ts';

export const done: CommandOutcome = { ok: true };

const kinds: Readonly<Record<CommandErrorCode, 'conflict' | 'unknown' | 'unavailable'>> = {
  'call.unknown': 'unknown',
  'call.wrong_phase': 'conflict',
  'call.not_yours': 'conflict',
  'call.target_unknown': 'unknown',
  'call.held_by_phone': 'conflict',
  'call.consulting': 'conflict',
  'call.no_consult': 'conflict',
  'call.consult_unanswered': 'conflict',
  'call.nobody_free': 'conflict',
  'call.recording_state': 'conflict',
  'call.recording_forbidden': 'conflict',
  'call.routed_elsewhere': 'conflict',
  'agent.unknown': 'unknown',
  'agent.signed_out': 'conflict',
  'agent.not_free': 'conflict',
  'agent.no_offer': 'conflict',
  'agent.no_wrap_up': 'conflict',
  'agent.wrap_up_fixed': 'conflict',
  'agent.reason_needed': 'conflict',
  'agent.reason_unknown': 'unknown',
  'agent.device_unknown': 'unknown',
  'agent.skill_unknown': 'unknown',
  'agent.disposition_needed': 'conflict',
  'call.disposition_unknown': 'unknown',
  'pbx.link_down': 'unavailable',
  'server.draining': 'unavailable',
};

export const refuse = (code: CommandErrorCode): CommandOutcome => ({ ok: false, kind: kinds[code], code });

type Wish = CallInput extends infer Input ? (Input extends { atMs: number } ? Omit<Input, 'atMs'> : never) : never;

/** What every command about a call is checked against before it is posted to the call's mailbox. */
export class CommandChecks {
  readonly board: Switchboard;
  private readonly clock: Clock;
  private readonly beside: Pick<Beside, 'call'> | undefined;

  constructor(board: Switchboard, clock: Clock, beside?: Pick<Beside, 'call'>) {
    this.board = board;
    this.clock = clock;
    this.beside = beside;
  }

  /** A call that we do not have, or do not route. */
  noCall(callId: string): CommandOutcome {
    return refuse(this.beside?.call(callId) ? 'call.routed_elsewhere' : 'call.unknown');
  }

  /** The call, when it is that of the agent who asks (`by`; undefined may control any) and in one of the phases. */
  inPhase(
    callId: string,
    by: string | undefined,
    phases: readonly CallPhase[],
    run: (call: Call) => CommandOutcome,
  ): CommandOutcome {
    const call = this.board.calls.get(callId);
    if (!call) return this.noCall(callId);
    if (by !== undefined && agentOf(call) !== by) return refuse('call.not_yours');
    return phases.includes(call.phase) ? this.reached(call, run) : refuse('call.wrong_phase');
  }

  /** A PBX out of reach could not be told: nothing is promised that will not happen. */
  reached(call: Call, run: (call: Call) => CommandOutcome): CommandOutcome {
    return this.board.linkState(call.nodeId) === 'up' ? run(call) : refuse('pbx.link_down');
  }

  post(call: Call, wish: Wish): CommandOutcome {
    this.board.post(call.id, { ...wish, atMs: this.clock.nowMs() });
    return done;
  }

  withAgent(agentId: string, run: (agent: Agent) => CommandOutcome): CommandOutcome {
    const agent = this.board.desk.engine.agent(agentId);
    return agent ? run(agent) : refuse('agent.unknown');
  }

  refusalOf(target: Target): CommandErrorCode | undefined {
    const { engine } = this.board.desk;
    if (target.kind === 'queue' || target.kind === 'callback')
      return engine.hasQueue(target.queueId) ? undefined : 'call.target_unknown';
    if (target.kind !== 'agent') return undefined;
    const agent = engine.agent(target.agentId);
    if (!agent) return 'call.target_unknown';
    return agent.presence === 'signedOut' ? 'agent.signed_out' : undefined;
  }
}

/** Whose call it is. */
export function agentOf(call: Call): string | undefined {
  return (
    soleOffer(call)?.token.agentId ?? call.talk?.agentId ?? (call.outbound?.byAgent ? call.onlyAgentId : undefined)
  );
}

/** Whether the agent is on the call, its own or as the one who is asked. */
export function isOn(call: Call, agentId: string): boolean {
  return agentOf(call) === agentId || partyAgentId(call) === agentId || offerTo(call, agentId) !== undefined;
}
