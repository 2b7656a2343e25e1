import { type Agent, type AgentDraft, type AgentInput, changeAgent, draftOf, isAtRest } from '../agents/index.ts';
import type { OfferToken } from '../call/index.ts';
import type { Ineligible } from './eligibility.ts';
import type { RoutingOutput } from './interface.ts';
import type { Contender } from './selection/strategy.ts';
import type { Workload } from './workload.ts';

/** An agent's place among all agents, with what routing counts of the agent beside the agent's own state. */
export class Slot implements Contender {
  readonly kind = 'agent';
  readonly place: number;
  /** Changed in place, by the methods here alone. */
  agent: AgentDraft;
  private copy: Agent | undefined;
  /** The offer that the agent holds, as long as routing watches over its end. */
  watched: OfferToken | undefined;
  /** Not in the config any more: gone once idle. */
  isLeaving = false;
  readonly changed: RoutingOutput;
  skillCount: number;
  private readonly work: Workload;

  constructor(place: number, agent: AgentDraft, work: Workload) {
    this.place = place;
    this.agent = agent;
    this.work = work;
    this.skillCount = Object.keys(agent.profile.skills).length;
    this.changed = { kind: 'agentChanged', agentId: agent.profile.id };
    work.begin(place, agent.sinceMs);
  }

  get idleSinceMs(): number {
    return this.agent.idleSinceMs;
  }

  get signedInAtMs(): number {
    return this.work.signedInAtMs(this.place);
  }

  /** Chats and mails that the agent has. */
  get inHand(): number {
    return this.agent.contacts?.length ?? 0;
  }

  get skills(): Readonly<Record<string, number>> {
    return this.agent.profile.skills;
  }

  get busyMs(): number {
    return this.work.busyMs(this.place);
  }

  callsLately(nowMs: number): number {
    return this.work.callsLately(this.place, nowMs);
  }

  /** The agent as of now, for others to keep. */
  get seen(): Agent {
    this.copy ??= draftOf(this.agent);
    return this.copy;
  }

  /** Does to the agent what the input does, and says whether that is anything. */
  change(input: AgentInput, nowMs: number): boolean {
    const { agent } = this;
    const { presence, routing, contacts } = agent;
    if (!changeAgent(agent, input, nowMs)) return false;
    this.noteWork(presence, routing, contacts, nowMs);
    return true;
  }

  /** The agent is another record from now on. */
  become(after: AgentDraft, nowMs: number): void {
    const { presence, routing, contacts } = this.agent;
    this.agent = after;
    this.noteWork(presence, routing, contacts, nowMs);
  }

  /** When routing must look at the agent again. */
  nextDueMs(reason: Ineligible | undefined, nowMs: number): number {
    const { agent, watched } = this;
    let dueMs = watched === undefined ? Number.POSITIVE_INFINITY : watched.expiresAtMs;
    if (agent.routing === 'wrapUp') dueMs = Math.min(dueMs, agent.wrapUpUntilMs ?? dueMs);
    // Who has contacts in hand is, as far as calls go, busy before anything else.
    const rests = reason === 'cooldown' || (agent.profile.capacity !== undefined && agent.cooldownUntilMs > nowMs);
    if (rests) dueMs = Math.min(dueMs, agent.cooldownUntilMs);
    if (agent.advised && agent.advised.untilMs > nowMs) dueMs = Math.min(dueMs, agent.advised.untilMs);
    return dueMs;
  }

  private noteWork(
    presence: Agent['presence'],
    routing: Agent['routing'],
    contacts: Agent['contacts'],
    nowMs: number,
  ): void {
    const { agent, place, work } = this;
    this.copy = undefined;
    if (presence === 'signedOut' && agent.presence !== 'signedOut') work.signIn(place, nowMs);
    const isIdle = isAtRest(agent);
    const wasIdle = routing === 'idle' && contacts === undefined;
    if (wasIdle !== isIdle) work.note(place, !isIdle, nowMs);
    else if (contacts !== agent.contacts) work.goOn(place, nowMs);
    if (routing === 'offered' && (agent.routing === 'talking' || agent.contacts !== contacts)) {
      if (agent.routing !== 'offered') work.answered(place, nowMs);
    }
  }
}
