import { type Agent, type AgentDraft, type AgentInput, changeAgent, draftOf } from '../agents/index.ts';
import type { OfferToken } from '../call/index.ts';
import type { Ineligible } from './eligibility.ts';
import type { RoutingOutput } from './interface.ts';
import type { Contender } from './selection/strategy.ts';

const bucketMs = 300_000;
const buckets = 12;

/** An agent's place among all agents, with what routing counts of the agent beside the agent's own state. */
export class Slot implements Contender {
  readonly kind = 'agent';
  readonly place: number;
  /** Changed in place, by the methods here alone. */
  agent: AgentDraft;
  private copy: Agent | undefined;
  /** When the offers that the agent holds run out, as far as routing watches over it. */
  readonly expiring: OfferToken[] = [];
  /** Not in the config any more: gone once idle. */
  isLeaving = false;
  readonly changed: RoutingOutput;
  skillCount: number;
  signedInAtMs: number;
  /** A number also while idle, so that it can change in place. */
  private busySinceMs = Number.NaN;
  private busyDoneMs = 0;
  private readonly calls = new Uint16Array(buckets);
  private newestBucket = 0;

  constructor(place: number, agent: AgentDraft) {
    this.place = place;
    this.agent = agent;
    this.signedInAtMs = agent.sinceMs;
    this.skillCount = Object.keys(agent.profile.skills).length;
    this.changed = { kind: 'agentChanged', agentId: agent.profile.id };
  }

  get idleSinceMs(): number {
    return this.agent.idleSinceMs;
  }

  get skills(): Readonly<Record<string, number>> {
    return this.agent.profile.skills;
  }

  /** Only who is idle is compared, so that all work is done work. */
  get busyMs(): number {
    return this.busyDoneMs;
  }

  /** The agent as of now, for others to keep. */
  get seen(): Agent {
    this.copy ??= draftOf(this.agent);
    return this.copy;
  }

  /** Does to the agent what the input does, and says whether that is anything. */
  change(input: AgentInput, nowMs: number): boolean {
    const { agent } = this;
    const { presence, routing } = agent;
    if (!changeAgent(agent, input, nowMs)) return false;
    this.copy = undefined;
    this.noteWork(presence, routing, nowMs);
    return true;
  }

  /** The agent is another record from now on. */
  become(after: AgentDraft, nowMs: number): void {
    const { presence, routing } = this.agent;
    this.agent = after;
    this.copy = undefined;
    this.noteWork(presence, routing, nowMs);
  }

  private noteWork(presence: Agent['presence'], routing: Agent['routing'], nowMs: number): void {
    const { agent } = this;
    if (presence === 'signedOut' && agent.presence !== 'signedOut') {
      this.signedInAtMs = nowMs;
      this.busyDoneMs = 0;
    }
    const isBusy = agent.routing !== 'idle';
    const wasBusy = !Number.isNaN(this.busySinceMs);
    if (isBusy && !wasBusy) this.busySinceMs = nowMs;
    if (!isBusy && wasBusy) {
      this.busyDoneMs += nowMs - Math.max(this.busySinceMs, this.signedInAtMs);
      this.busySinceMs = Number.NaN;
    }
    if (agent.routing === 'talking' && routing === 'offered') this.count(nowMs);
  }

  /** When routing must look at the agent again. */
  nextDueMs(reason: Ineligible | undefined, nowMs: number): number {
    const { agent, expiring } = this;
    let dueMs = Number.POSITIVE_INFINITY;
    for (let at = 0; at < expiring.length; at += 1) {
      dueMs = Math.min(dueMs, (expiring[at] as OfferToken).expiresAtMs);
    }
    if (agent.routing === 'wrapUp') dueMs = Math.min(dueMs, agent.wrapUpUntilMs ?? dueMs);
    if (reason === 'cooldown') dueMs = Math.min(dueMs, agent.cooldownUntilMs);
    if (agent.advised && agent.advised.untilMs > nowMs) dueMs = Math.min(dueMs, agent.advised.untilMs);
    return dueMs;
  }

  callsLately(nowMs: number): number {
    this.turnTo(nowMs);
    let sum = 0;
    for (const count of this.calls) sum += count;
    return sum;
  }

  private count(nowMs: number): void {
    this.turnTo(nowMs);
    const bucket = this.newestBucket % buckets;
    this.calls[bucket] = (this.calls[bucket] as number) + 1;
  }

  private turnTo(nowMs: number): void {
    const bucket = Math.floor(nowMs / bucketMs);
    const passed = Math.min(buckets, bucket - this.newestBucket);
    for (let step = 1; step <= passed; step += 1) this.calls[(this.newestBucket + step) % buckets] = 0;
    if (passed > 0) this.newestBucket = bucket;
  }
}
