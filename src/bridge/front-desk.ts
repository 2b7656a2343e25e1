import type { Agent } from '../agents/index.ts';
import { type Call, type CallPhase, offerTo, partyAgentId, type Target } from '../call/index.ts';
import type { AgentViewData, QueueViewData } from '../events/catalogue/index.ts';
import type { Clock } from '../kernel/index.ts';
import { queueFigures } from '../routing/index.ts';
import { CommandChecks, done, isOn, refuse } from './command-checks.ts';
import { ControlDesk, type ControlOptions } from './control-desk.ts';
import type { CallDetail, CommandOutcome, FrontDoor, Snapshot } from './front-door.ts';
import type { Switchboard } from './switchboard.ts';
import { agentView, callView, customerCard } from './views.ts';

/** The front door of the switchboard: checks what people and systems ask against the state, then posts it. */
export class FrontDesk implements FrontDoor {
  private readonly board: Switchboard;
  readonly control: ControlDesk;
  private readonly clock: Clock;
  private readonly checks: CommandChecks;

  constructor(board: Switchboard, clock: Clock, control: ControlOptions) {
    this.board = board;
    this.clock = clock;
    this.checks = new CommandChecks(board, clock);
    this.control = new ControlDesk(this.checks, control);
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
      if (offerTo(call, agentId)?.stage !== 'pending') return refuse('call.wrong_phase');
      return this.checks.post(call, { kind: 'accept', agentId });
    });
  }

  reject(callId: string, agentId: string): CommandOutcome {
    return this.withOffer(callId, agentId, (call) => {
      if (offerTo(call, agentId)?.stage === 'answered') return refuse('call.wrong_phase');
      return this.checks.post(call, { kind: 'reject', agentId });
    });
  }

  hold(callId: string, by?: string): CommandOutcome {
    return this.checks.inPhase(callId, by, ['talking'], (call) =>
      call.consult ? refuse('call.consulting') : this.checks.post(call, { kind: 'hold' }),
    );
  }

  resume(callId: string, by?: string): CommandOutcome {
    return this.checks.inPhase(callId, by, ['held'], (call) => {
      if (call.consult) return refuse('call.consulting');
      return call.talk?.heldBy === 'phone' ? refuse('call.held_by_phone') : this.checks.post(call, { kind: 'resume' });
    });
  }

  transfer(callId: string, target: Target, by?: string): CommandOutcome {
    return this.checks.inPhase(callId, by, ['talking', 'held'], (call) => {
      if (call.consult) return refuse('call.consulting');
      const refusal = this.checks.refusalOf(target);
      if (refusal) return refuse(refusal);
      if (this.board.draining && (target.kind === 'queue' || target.kind === 'agent')) return refuse('server.draining');
      return this.checks.post(call, { kind: 'transfer', target });
    });
  }

  /** Ends the call for all who are on it; of who was only asked, that leg alone. */
  hangUp(callId: string, by?: string): CommandOutcome {
    const asked = this.board.calls.get(callId);
    if (by !== undefined && asked?.consult?.stage === 'answered' && partyAgentId(asked) === by) {
      return this.checks.reached(asked, (call) => this.checks.post(call, { kind: 'leaveConsult' }));
    }
    const phases: CallPhase[] =
      by === undefined || asked?.outbound !== undefined
        ? ['arriving', 'waiting', 'offering', 'dialling', 'talking', 'held', 'outside']
        : ['talking', 'held'];
    return this.checks.inPhase(callId, by, phases, (call) => this.checks.post(call, { kind: 'hangUp' }));
  }

  attachData(callId: string, data: Readonly<Record<string, string>>, by?: string): CommandOutcome {
    const call = this.board.calls.get(callId);
    if (!call) return refuse('call.unknown');
    if (by !== undefined && !isOn(call, by)) return refuse('call.not_yours');
    return this.checks.post(call, { kind: 'attachData', data });
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
    const isAsked = partyAgentId(call) === agentId && call.consult?.stage !== 'answered';
    const isOffered = offerTo(call, agentId) !== undefined;
    return isOffered || isAsked ? this.checks.reached(call, run) : refuse('agent.no_offer');
  }
}
