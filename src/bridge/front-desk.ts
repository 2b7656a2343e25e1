import type { Agent } from '../agents/index.ts';
import { type Call, type CallPhase, offerTo, partyAgentId, type Target } from '../call/index.ts';
import type { AgentViewData, QueueViewData } from '../events/catalogue/index.ts';
import type { Clock } from '../kernel/index.ts';
import { queueFigures } from '../routing/index.ts';
import { AgentDesk, type AgentSettings } from './agent-desk.ts';
import { CommandChecks, isOn, refuse } from './command-checks.ts';
import { ControlDesk, type ControlOptions } from './control-desk.ts';
import type { Beside, CallDetail, CommandOutcome, FrontDoor, Snapshot } from './front-door.ts';
import type { Switchboard } from './switchboard.ts';
import { agentView, callView, customerCard } from './views.ts';

/** The front door of the switchboard: checks what people and systems ask against the state, then posts it. */
export class FrontDesk implements FrontDoor {
  private readonly board: Switchboard;
  readonly control: ControlDesk;
  readonly agents: AgentDesk;
  private readonly clock: Clock;
  private readonly checks: CommandChecks;
  private readonly beside: Beside | undefined;

  constructor(board: Switchboard, clock: Clock, control: ControlOptions, settings?: AgentSettings, beside?: Beside) {
    this.board = board;
    this.clock = clock;
    this.beside = beside;
    this.checks = new CommandChecks(board, clock, beside);
    this.control = new ControlDesk(this.checks, control);
    this.agents = new AgentDesk(this.checks, settings);
  }

  signIn(agentId: string, by?: string): CommandOutcome {
    return this.agents.signIn(agentId, by);
  }

  signOut(agentId: string, by?: string): CommandOutcome {
    return this.agents.signOut(agentId, by);
  }

  setAvailable(agentId: string, by?: string): CommandOutcome {
    return this.agents.setAvailable(agentId, by);
  }

  pause(agentId: string, reason: string | undefined, by?: string): CommandOutcome {
    return this.agents.pause(agentId, reason, by);
  }

  endWrapUp(agentId: string, by?: string): CommandOutcome {
    return this.agents.endWrapUp(agentId, by);
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
        ? ['arriving', 'waiting', 'offering', 'dialling', 'talking', 'held', 'outside', 'voicemail']
        : ['talking', 'held'];
    return this.checks.inPhase(callId, by, phases, (call) => this.checks.post(call, { kind: 'hangUp' }));
  }

  attachData(callId: string, data: Readonly<Record<string, string>>, by?: string): CommandOutcome {
    const call = this.board.calls.get(callId);
    if (!call) return this.checks.noCall(callId);
    if (by !== undefined && !isOn(call, by)) return refuse('call.not_yours');
    return this.checks.post(call, { kind: 'attachData', data });
  }

  dispose(callId: string, code: string, by?: string): CommandOutcome {
    return this.agents.dispose(callId, code, by);
  }

  call(callId: string): CallDetail | undefined {
    const call = this.board.calls.get(callId);
    return call ? this.detail(call) : this.beside?.call(callId);
  }

  agent(agentId: string): AgentViewData | undefined {
    const agent = this.board.desk.engine.agent(agentId);
    return agent && this.seen(agent);
  }

  queue(queueId: string): QueueViewData | undefined {
    const { engine } = this.board.desk;
    if (engine.hasQueue(queueId)) return { ...queueFigures(engine, queueId, this.clock.nowMs()) };
    return this.beside?.queues().find(({ id }) => id === queueId);
  }

  snapshot(): Snapshot {
    const { engine } = this.board.desk;
    const nowMs = this.clock.nowMs();
    const queues = [...engine.queuePolicies()].map(({ id }) => ({ ...queueFigures(engine, id, nowMs) }));
    const calls = [...this.board.calls.all()].map((call) => this.detail(call));
    const agents = [...engine.allAgents()].map((agent) => this.seen(agent));
    const { beside } = this;
    if (!beside) return { calls, agents, queues };
    return { calls: [...calls, ...beside.calls()], agents, queues: [...queues, ...beside.queues()] };
  }

  private detail(call: Call): CallDetail {
    const known = callView(call, this.board.entryOf(call).priority);
    const view = this.isStale(call) ? { ...known, stale: true as const } : known;
    return call.customer ? { call: view, customer: customerCard(call.customer) } : { call: view };
  }

  private seen(agent: Agent): AgentViewData {
    const call = agent.callId === undefined ? undefined : this.board.calls.get(agent.callId);
    return call && this.isStale(call) ? { ...agentView(agent), stale: true } : agentView(agent);
  }

  /** While the node of a call is out of reach nobody knows what has become of it. */
  private isStale({ nodeId }: Call): boolean {
    return this.board.linkState(nodeId) !== 'up';
  }

  private withOffer(callId: string, agentId: string, run: (call: Call) => CommandOutcome): CommandOutcome {
    const call = this.board.calls.get(callId);
    if (!call) return this.checks.noCall(callId);
    const isAsked = partyAgentId(call) === agentId && call.consult?.stage !== 'answered';
    const isOffered = offerTo(call, agentId) !== undefined;
    return isOffered || isAsked ? this.checks.reached(call, run) : refuse('agent.no_offer');
  }
}
