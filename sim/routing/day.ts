import type { Agent, AgentInput } from '../../src/agents/index.ts';
import { type OfferOutcome, type OfferToken, sameOffer, type Target } from '../../src/call/index.ts';
import { RoutingEngine, type RoutingInput, type RoutingOutput, type RoutingRequest } from '../../src/routing/index.ts';
import { durationAt } from '../chance/distribution.ts';
import { chanceOf, SeededRng, seedOf } from '../chance/rng.ts';
import { Agenda } from './agenda.ts';
import { type Caller, callersOf } from './callers.ts';
import type { CallEnd } from './cell.ts';
import { choicesOf, needsOf } from './choice.ts';
import { factsOf } from './facts.ts';
import { Ledger } from './ledger.ts';
import { blocked, type LiveCall } from './live-call.ts';
import type { CallerClass, PolicyUnderTest, Scenario } from './scenario.ts';
import { presenceChanges } from './shifts.ts';
import { newSimAgent, type SimAgent } from './sim-agent.ts';

/** What the simulation uses of the engine; a test may put something between. */
export interface EngineUnderTest {
  step(input: RoutingInput, nowMs: number): readonly RoutingOutput[];
  nextDueMs(): number | undefined;
  agent(agentId: string): Agent | undefined;
}

export interface DayOptions {
  readonly scenario: Scenario;
  readonly policy: PolicyUnderTest;
  readonly replication: number;
  readonly newEngine?: (options: ConstructorParameters<typeof RoutingEngine>[0]) => EngineUnderTest;
  /** Milliseconds of a fine clock, to time decisions by. Absent: not measured. */
  readonly tickMs?: () => number;
  /** Looks at the floor whenever time goes on: all that happened until then is done. */
  readonly inspect?: (day: Day) => void;
  /** Told now and then which share of the day is over. */
  readonly progress?: (share: number) => void;
}

type Plan =
  | { readonly kind: 'pickUp' | 'decline'; readonly agent: SimAgent; readonly token: OfferToken }
  | { readonly kind: 'hangUp'; readonly call: LiveCall }
  | { readonly kind: 'talked'; readonly call: LiveCall; readonly agent: SimAgent }
  | { readonly kind: 'written'; readonly agent: SimAgent; readonly callId: string }
  | { readonly kind: 'presence'; readonly agent: SimAgent; readonly input: AgentInput };

/** A Monday: engines are given Unix times. */
const midnightMs = Date.UTC(2026, 0, 5);
/** After the last arrival calls may go on for so long; who is not served by then counts as unfinished. */
const runOutMs = 86_400_000;
const courseParts = 48;

/** Plays one replication of a scenario under one policy with the real engine, in virtual time. */
export function playDay(options: DayOptions): Pick<Day, 'ledger' | 'agents' | 'arrived'> {
  const day = new Day(options);
  day.run();
  return day;
}

export class Day {
  readonly ledger: Ledger;
  readonly agents: readonly SimAgent[];
  readonly calls = new Map<string, LiveCall>();
  readonly engine: EngineUnderTest;
  nowMs: number;
  private readonly options: DayOptions;
  private readonly byId: ReadonlyMap<string, SimAgent>;
  private readonly agenda = new Agenda<Plan>();
  private readonly handling: SeededRng;
  private readonly choices: ReturnType<typeof choicesOf>;
  private tickedAtMs = Number.NEGATIVE_INFINITY;
  /** Callers so far, also those who found no line. */
  arrived = 0;

  constructor(options: DayOptions) {
    const { scenario, policy, replication, newEngine = (given) => new RoutingEngine(given) } = options;
    const { startMs, durationMs } = scenario;
    this.options = options;
    this.nowMs = startMs;
    this.ledger = new Ledger(scenario, policy, Math.ceil(durationMs / courseParts));
    this.agents = policy.groups.flatMap((group) => group.agents.map((profile) => newSimAgent(profile, group, startMs)));
    this.byId = new Map(this.agents.map((agent) => [agent.profile.id, agent]));
    this.choices = choicesOf(scenario, policy, this.agents);
    this.handling = new SeededRng(seedOf(scenario.seed, replication, 'handling'));
    const profiles = this.agents.map(({ profile }) => profile);
    this.engine = newEngine({ epoch: 'sim', queues: policy.queues, agents: profiles, nowMs: midnightMs + startMs });
    for (const agent of this.agents) {
      for (const { atMs, input } of presenceChanges(agent.group, startMs, startMs + durationMs + runOutMs)) {
        this.agenda.add(atMs, { kind: 'presence', agent, input });
      }
    }
  }

  /** Now, as the engine is told it. */
  get unixMs(): number {
    return midnightMs + this.nowMs;
  }

  run(): void {
    const { scenario, replication, inspect } = this.options;
    const { startMs, durationMs } = scenario;
    const endMs = startMs + durationMs;
    const callers = callersOf(scenario, replication);
    let caller = callers.next();
    for (;;) {
      const callerAtMs = caller.done ? Number.POSITIVE_INFINITY : caller.value.atMs;
      const agendaAtMs = this.agenda.nextAtMs();
      const dueAtMs = this.dueAtMs();
      const atMs = Math.min(callerAtMs, agendaAtMs, dueAtMs);
      if (caller.done && atMs > (this.calls.size === 0 ? endMs : endMs + runOutMs)) break;
      if (atMs > this.nowMs) inspect?.(this);
      this.nowMs = atMs;
      if (dueAtMs === atMs) this.tick();
      else if (agendaAtMs === atMs) this.carryOut(this.agenda.take() as Plan);
      else if (!caller.done) {
        this.arrive(caller.value);
        caller = callers.next();
      }
    }
    this.close(endMs);
  }

  private close(endMs: number): void {
    this.nowMs = Math.max(this.nowMs, endMs);
    for (const agent of this.agents) this.ledger.course.book(agent, this.nowMs);
    for (const call of this.calls.values()) if (!call.talking) this.leave(call, 'unfinished');
  }

  /** When the engine wants to be called; a millisecond later when it says the same again. */
  private dueAtMs(): number {
    const dueMs = this.engine.nextDueMs();
    if (dueMs === undefined) return Number.POSITIVE_INFINITY;
    const atMs = Math.max(dueMs - midnightMs, this.nowMs);
    return atMs <= this.tickedAtMs ? this.tickedAtMs + 1 : atMs;
  }

  private tick(): void {
    this.tickedAtMs = this.nowMs;
    this.step({ kind: 'tick' });
  }

  private step(input: RoutingInput): void {
    const { tickMs } = this.options;
    const before = tickMs?.() ?? 0;
    const outputs = this.engine.step(input, this.unixMs);
    if (tickMs) this.ledger.decisions.add((tickMs() - before) * 1000);
    for (const output of outputs) this.obey(output);
  }

  private arrive(caller: Caller): void {
    const { scenario, progress } = this.options;
    this.arrived += 1;
    if (progress && this.arrived % 4096 === 0) progress((this.nowMs - scenario.startMs) / scenario.durationMs);
    if (this.calls.size >= scenario.linesMax) return this.ledger.call(caller, blocked);
    const { callerClass, asksFor } = caller;
    const call: LiveCall = {
      id: `call-${this.arrived}`,
      caller,
      asks: asksFor === undefined ? undefined : this.known(callerClass, asksFor),
      queueId: callerClass.queueId,
      talking: false,
      hops: 0,
      offers: 0,
      noAnswers: 0,
      declines: 0,
      refusedBy: new Set(),
    };
    this.calls.set(call.id, call);
    this.ledger.waiting(1, this.nowMs);
    if (caller.patienceMs !== undefined) this.agenda.add(this.nowMs + caller.patienceMs, { kind: 'hangUp', call });
    this.enqueue(call);
  }

  /** One of those whom such callers want; `chance` in (0, 1) says which. */
  private known(callers: CallerClass, chance: number): SimAgent | undefined {
    const choices = [...(this.choices.get(callers) ?? [])];
    return choices[Math.floor(chance * choices.length)];
  }

  private enqueue(call: LiveCall): void {
    const { caller, hops, queueId } = call;
    const { needs, priority, value, urgency } = caller.callerClass;
    const atMs = midnightMs + caller.atMs;
    this.step({
      kind: 'enqueue',
      request: {
        callId: call.id,
        nodeId: 'sim',
        queueId,
        queuedAtMs: atMs,
        waitingSinceMs: atMs,
        priority,
        vip: caller.vip,
        value,
        urgency,
        needs,
        returned: false,
        attempts: call.offers,
        hops,
        ...this.ruled(call),
      },
    });
  }

  /** What the queue's rules make of this call, as the server fills it in. */
  private ruled({ caller, asks, queueId, hops }: LiveCall): Pick<RoutingRequest, 'requirement' | 'steps'> {
    const { policy } = this.options;
    const folding = policy.folding?.get(queueId);
    if (!folding) return {};
    const facts = factsOf(caller, asks?.profile.id, queueId, hops, this.unixMs);
    const needs = needsOf(
      caller.callerClass,
      policy.queues.find(({ id }) => id === queueId),
    );
    return {
      ...(folding.requirement ? { requirement: folding.requirement(facts) } : {}),
      ...(folding.steps ? { steps: folding.steps(facts, needs) } : {}),
    };
  }

  private carryOut(plan: Plan): void {
    switch (plan.kind) {
      case 'pickUp':
        return this.pickUp(plan.agent, plan.token);
      case 'decline':
        return this.endOffer(plan.token, 'declined');
      case 'hangUp':
        if (this.calls.get(plan.call.id) === plan.call && !plan.call.talking) this.leave(plan.call, 'abandoned');
        return;
      case 'talked':
        return this.talked(plan.call, plan.agent);
      case 'written':
        if (plan.agent.busyWith === plan.callId) this.agentInput(plan.agent, { kind: 'wrapUpEnded' });
        return;
      case 'presence':
        return this.changePresence(plan.agent, plan.input);
    }
  }

  /** What else the engine says is for people and their screens, or cannot come of what is asked of it here. */
  private obey(output: RoutingOutput): void {
    switch (output.kind) {
      case 'offer':
        return this.ring(output.token);
      case 'offerExpired':
        return this.endOffer(output.token, 'noAnswer');
      case 'withdraw':
        return this.endOffer(output.token, 'withdrawn');
      case 'overflow':
        return this.overflow(output.callId, output.target, output.reason === 'queueFull' ? 'refused' : 'sentAway');
      case 'wrapUpEnded':
        return this.release(this.agentOf(output.agentId));
      default:
        return;
    }
  }

  private agentOf(agentId: string): SimAgent {
    const agent = this.byId.get(agentId);
    if (!agent) throw new RangeError(`the engine named an agent that is not in the scenario: ${agentId}`);
    return agent;
  }

  private changePresence(agent: SimAgent, input: AgentInput): void {
    this.ledger.course.book(agent, this.nowMs);
    this.agentInput(agent, input);
    agent.present = this.engine.agent(agent.profile.id)?.presence === 'available';
  }

  private agentInput(agent: SimAgent, input: AgentInput): void {
    this.step({ kind: 'agent', agentId: agent.profile.id, input });
  }

  private ring(token: OfferToken): void {
    const agent = this.agentOf(token.agentId);
    const call = this.calls.get(token.callId);
    agent.token = token;
    if (!call) return;
    call.offers += 1;
    const { ringTime, rejectShare, noAnswerShare } = agent.group;
    const { seed } = call.caller;
    const whim = rejectShare + noAnswerShare > 0 ? chanceOf(seed, call.offers, 1) : 1;
    if (whim >= rejectShare && whim < rejectShare + noAnswerShare) return;
    const kind = whim < rejectShare ? 'decline' : 'pickUp';
    const ringMs = ringTime.kind === 'constant' ? ringTime.ms : durationAt(ringTime, chanceOf(seed, call.offers, 2));
    this.agenda.add(this.nowMs + ringMs, { kind, agent, token });
  }

  private pickUp(agent: SimAgent, token: OfferToken): void {
    const call = this.calls.get(token.callId);
    if (agent.token !== token || !call || call.talking) return;
    const { scenario } = this.options;
    this.ledger.course.book(agent, this.nowMs);
    agent.token = undefined;
    agent.busyWith = call.id;
    call.talking = true;
    this.ledger.waiting(-1, this.nowMs);
    const { callerClass, handlingMs } = call.caller;
    const talkMs = scenario.handlingBy === 'call' ? handlingMs : durationAt(callerClass.handling, this.handling.next());
    this.agenda.add(this.nowMs + talkMs, { kind: 'talked', call, agent });
    this.record(call, 'answered', agent);
    this.step({ kind: 'offerAnswered', token });
  }

  private talked(call: LiveCall, agent: SimAgent): void {
    const { id: callId, queueId, caller } = call;
    const agentId = agent.profile.id;
    this.calls.delete(callId);
    this.release(agent);
    agent.busyWith = callId;
    this.step({ kind: 'talkEnded', agentId, callId, queueId, outcome: 'talked' });
    if (agent.busyWith !== callId) return;
    if (this.engine.agent(agentId)?.routing !== 'wrapUp') this.release(agent);
    else if (caller.wrapUpMs !== undefined)
      this.agenda.add(this.nowMs + caller.wrapUpMs, { kind: 'written', agent, callId });
  }

  private release(agent: SimAgent): void {
    this.ledger.course.book(agent, this.nowMs);
    agent.busyWith = undefined;
  }

  private endOffer(token: OfferToken, outcome: OfferOutcome): void {
    const agent = this.agentOf(token.agentId);
    if (!sameOffer(agent.token, token)) return;
    agent.token = undefined;
    const call = this.calls.get(token.callId);
    if (call && outcome === 'noAnswer') call.noAnswers += 1;
    if (call && outcome === 'declined') call.declines += 1;
    if (call && outcome !== 'withdrawn') call.refusedBy.add(token.agentId);
    this.step({ kind: 'offerEnded', token, outcome });
    const paused = this.engine.agent(token.agentId)?.presence === 'paused';
    if (outcome === 'noAnswer' && paused && agent.present) this.sleep(agent);
  }

  /** The engine paused who did not answer; the person notices after a while. */
  private sleep(agent: SimAgent): void {
    this.ledger.course.book(agent, this.nowMs);
    agent.present = false;
    const plan: Plan = { kind: 'presence', agent, input: { kind: 'setAvailable' } };
    this.agenda.add(this.nowMs + agent.group.backAfterMs, plan);
  }

  private overflow(callId: string, target: Target, end: CallEnd): void {
    const call = this.calls.get(callId);
    if (!call) return;
    call.hops += 1;
    if (target.kind !== 'queue') return this.leave(call, end);
    call.queueId = target.queueId;
    this.enqueue(call);
  }

  /** The caller is gone without having talked to anybody. */
  private leave(call: LiveCall, end: CallEnd): void {
    this.calls.delete(call.id);
    this.ledger.waiting(-1, this.nowMs);
    for (const agent of this.ringingFor(call)) agent.token = undefined;
    this.record(call, end, undefined);
    this.step({ kind: 'leave', callId: call.id });
  }

  private ringingFor(call: LiveCall): readonly SimAgent[] {
    return call.offers === 0 ? [] : this.agents.filter(({ token }) => token?.callId === call.id);
  }

  private record(call: LiveCall, end: CallEnd, agent: SimAgent | undefined): void {
    const { caller, asks, offers, noAnswers, declines, hops } = call;
    this.ledger.call(caller, {
      end,
      waitMs: this.nowMs - caller.atMs,
      firstChoice: agent !== undefined && this.choices.get(caller.callerClass)?.has(agent) === true,
      asked: asks !== undefined,
      hit: asks !== undefined && asks === agent,
      offers,
      noAnswers,
      declines,
      overflows: hops,
    });
  }
}
