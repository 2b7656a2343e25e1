import type { Agent } from '../agents/index.ts';
import type { Call, CallInput, CallPhase, Target } from '../call/index.ts';
import type { AgentViewData, QueueViewData } from '../events/catalogue/index.ts';
import type { Clock } from '../kernel/index.ts';
import { queueFigures } from '../routing/index.ts';
import type { CallDetail, CommandErrorCode, CommandOutcome, FrontDoor, Snapshot } from './front-door.ts';
import type { Switchboard } from './switchboard.ts';
import { agentView, callView, customerCard } from './views.ts';

const done: CommandOutcome = { ok: true };

const kinds: Readonly<Record<CommandErrorCode, 'conflict' | 'unknown' | 'unavailable'>> = {
  'call.unknown': 'unknown',
  'call.wrong_phase': 'conflict',
  'call.not_yours': 'conflict',
  'call.target_unknown': 'unknown',
  'call.held_by_phone': 'conflict',
  'agent.unknown': 'unknown',
  'agent.signed_out': 'conflict',
  'agent.no_offer': 'conflict',
  'agent.no_wrap_up': 'conflict',
  'pbx.link_down': 'unavailable',
  'server.draining': 'unavailable',
};

const refuse = (code: CommandErrorCode): CommandOutcome => ({ ok: false, kind: kinds[code], code });

type Wish = CallInput extends infer Input ? (Input extends { atMs: number } ? Omit<Input, 'atMs'> : never) : never;

/** The front door of the switchboard: checks what people and systems ask against the state, then posts it. */
export class FrontDesk implements FrontDoor {
  private readonly board: Switchboard;
  private readonly clock: Clock;

  constructor(board: Switchboard, clock: Clock) {
    this.board = board;
    this.clock = clock;
  }

  signIn(agentId: string): CommandOutcome {
    if (this.board.draining) return refuse('server.draining');
    return this.withAgent(agentId, () => this.board.desk.agentInput(agentId, { kind: 'signIn' }));
  }

  signOut(agentId: string): CommandOutcome {
    return this.withAgent(agentId, () => this.board.desk.agentInput(agentId, { kind: 'signOut' }));
  }

  setAvailable(agentId: string): CommandOutcome {
    return this.signedIn(agentId, () => this.board.desk.agentInput(agentId, { kind: 'setAvailable' }));
  }

  pause(agentId: string, reason: string): CommandOutcome {
    return this.signedIn(agentId, () => this.board.desk.agentInput(agentId, { kind: 'pause', reason }));
  }

  endWrapUp(agentId: string): CommandOutcome {
    return this.withAgent(agentId, (agent) => {
      if (agent.routing !== 'wrapUp') return refuse('agent.no_wrap_up');
      this.board.desk.agentInput(agentId, { kind: 'wrapUpEnded' });
      return done;
    });
  }

  accept(callId: string, agentId: string): CommandOutcome {
    return this.withOffer(callId, agentId, (call) => {
      if (call.offer?.stage !== 'pending') return refuse('call.wrong_phase');
      return this.post(call, { kind: 'accept', agentId });
    });
  }

  reject(callId: string, agentId: string): CommandOutcome {
    return this.withOffer(callId, agentId, (call) => {
      if (call.offer?.stage === 'answered') return refuse('call.wrong_phase');
      return this.post(call, { kind: 'reject', agentId });
    });
  }

  hold(callId: string, by?: string): CommandOutcome {
    return this.inPhase(callId, by, ['talking'], (call) => this.post(call, { kind: 'hold' }));
  }

  resume(callId: string, by?: string): CommandOutcome {
    return this.inPhase(callId, by, ['held'], (call) =>
      call.talk?.heldBy === 'phone' ? refuse('call.held_by_phone') : this.post(call, { kind: 'resume' }),
    );
  }

  transfer(callId: string, target: Target, by?: string): CommandOutcome {
    return this.inPhase(callId, by, ['talking', 'held'], (call) => {
      const refusal = this.refusalOf(target);
      if (refusal) return refuse(refusal);
      if (this.board.draining && (target.kind === 'queue' || target.kind === 'agent')) return refuse('server.draining');
      return this.post(call, { kind: 'transfer', target });
    });
  }

  hangUp(callId: string, by?: string): CommandOutcome {
    const goesOut = this.board.calls.get(callId)?.outbound !== undefined;
    const phases: CallPhase[] =
      by === undefined || goesOut
        ? ['arriving', 'waiting', 'offering', 'dialling', 'talking', 'held']
        : ['talking', 'held'];
    return this.inPhase(callId, by, phases, (call) => this.post(call, { kind: 'hangUp' }));
  }

  attachData(callId: string, data: Readonly<Record<string, string>>, by?: string): CommandOutcome {
    const call = this.board.calls.get(callId);
    if (!call) return refuse('call.unknown');
    if (by !== undefined && agentOf(call) !== by) return refuse('call.not_yours');
    return this.post(call, { kind: 'attachData', data });
  }

  call(callId: string): CallDetail | undefined {
    const call = this.board.calls.get(callId);
    return call && this.detail(call);
  }

  agent(agentId: string): AgentViewData | undefined {
    const agent = this.board.desk.engine.agent(agentId);
    return agent && agentView(agent);
  }

  queue(queueId: string): QueueViewData | undefined {
    const { engine } = this.board.desk;
    return engine.hasQueue(queueId) ? { ...queueFigures(engine, queueId, this.clock.nowMs()) } : undefined;
  }

  snapshot(): Snapshot {
    const { engine } = this.board.desk;
    const nowMs = this.clock.nowMs();
    return {
      calls: [...this.board.calls.all()].map((call) => this.detail(call)),
      agents: [...engine.allAgents()].map(agentView),
      queues: [...engine.queuePolicies()].map(({ id }) => ({ ...queueFigures(engine, id, nowMs) })),
    };
  }

  private detail(call: Call): CallDetail {
    const view = callView(call, this.board.entryOf(call).priority);
    return call.customer ? { call: view, customer: customerCard(call.customer) } : { call: view };
  }

  private post(call: Call, wish: Wish): CommandOutcome {
    this.board.post(call.id, { ...wish, atMs: this.clock.nowMs() });
    return done;
  }

  private withAgent(agentId: string, run: (agent: Agent) => CommandOutcome | void): CommandOutcome {
    const agent = this.board.desk.engine.agent(agentId);
    if (!agent) return refuse('agent.unknown');
    return run(agent) ?? done;
  }

  private signedIn(agentId: string, run: () => void): CommandOutcome {
    return this.withAgent(agentId, (agent) => (agent.presence === 'signedOut' ? refuse('agent.signed_out') : run()));
  }

  private withOffer(callId: string, agentId: string, run: (call: Call) => CommandOutcome): CommandOutcome {
    const call = this.board.calls.get(callId);
    if (!call) return refuse('call.unknown');
    return call.offer?.token.agentId === agentId ? this.reached(call, run) : refuse('agent.no_offer');
  }

  private inPhase(
    callId: string,
    by: string | undefined,
    phases: readonly CallPhase[],
    run: (call: Call) => CommandOutcome,
  ): CommandOutcome {
    const call = this.board.calls.get(callId);
    if (!call) return refuse('call.unknown');
    if (by !== undefined && agentOf(call) !== by) return refuse('call.not_yours');
    return phases.includes(call.phase) ? this.reached(call, run) : refuse('call.wrong_phase');
  }

  /** A PBX out of reach could not be told: nothing is promised that will not happen. */
  private reached(call: Call, run: (call: Call) => CommandOutcome): CommandOutcome {
    return this.board.linkState(call.nodeId) === 'up' ? run(call) : refuse('pbx.link_down');
  }

  private refusalOf(target: Target): CommandErrorCode | undefined {
    const { engine } = this.board.desk;
    if (target.kind === 'queue') return engine.hasQueue(target.queueId) ? undefined : 'call.target_unknown';
    if (target.kind !== 'agent') return undefined;
    const agent = engine.agent(target.agentId);
    if (!agent) return 'call.target_unknown';
    return agent.presence === 'signedOut' ? 'agent.signed_out' : undefined;
  }
}

function agentOf(call: Call): string | undefined {
  return call.offer?.token.agentId ?? call.talk?.agentId ?? (call.outbound?.byAgent ? call.onlyAgentId : undefined);
}
