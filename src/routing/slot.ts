import {
  type Agent,
  type AgentDraft,
  type AgentInput,
  type AgentProfile,
  changeAgent,
  draftOf,
  endpointOf,
  isAtRest,
} from '../agents/index.ts';
import type { OfferToken } from '../call/index.ts';
import { type AgentTimes, cooldownUntil, idleSince, rowWidth, since, wrapUpUntil } from './agent-times.ts';
import type { Ineligible } from './eligibility.ts';
import type { RoutingOutput } from './interface.ts';
import type { Contender } from './selection/strategy.ts';
import type { Workload } from './workload.ts';

/**
 * An agent at a place among all agents, with what routing counts beside the agent's own state. Changed in place, by the
 * methods here alone. Its times lie in a row of numbers and its fields stand in the order in which steps ask for them:
 * of ten thousand agents none is at hand, and each line of memory is waited for.
 */
export class Slot implements AgentDraft, Contender {
  readonly place: number;
  private readonly times: AgentTimes;
  readonly id: string;
  presence: Agent['presence'];
  routing: Agent['routing'];
  callId: Agent['callId'];
  offer: Agent['offer'];
  /** The offer that the agent holds, as long as routing watches over its end. */
  watched: OfferToken | undefined;
  device: Agent['device'];
  contacts: Agent['contacts'];
  advised: Agent['advised'];
  /** Takes other work than calls. */
  isVersatile: boolean;
  /** Not in the config any more: gone once idle. */
  isLeaving = false;
  keepsIdle: Agent['keepsIdle'];
  version: number;
  unanswered: number;
  readonly changed: RoutingOutput;
  /** What is dialled for an agent with one phone. */
  private onlyEndpoint: string | undefined;
  private copy: Agent | undefined;
  private readonly work: Workload;
  profile: AgentProfile;
  wrapUpMaxUntilMs: Agent['wrapUpMaxUntilMs'];
  pauseReason: Agent['pauseReason'];
  pauseProductive: Agent['pauseProductive'];
  changedBy: Agent['changedBy'];
  devices: Agent['devices'];
  chosenDevice: Agent['chosenDevice'];
  /** Given by a supervisor; those that count are the profile's. */
  skills: Agent['skills'];
  skillCount: number;

  constructor(place: number, agent: Agent, times: AgentTimes, work: Workload) {
    this.place = place;
    this.times = times;
    this.id = agent.profile.id;
    this.presence = agent.presence;
    this.routing = agent.routing;
    this.callId = agent.callId;
    this.offer = agent.offer;
    this.watched = undefined;
    this.device = agent.device;
    this.contacts = agent.contacts;
    this.advised = agent.advised;
    this.isVersatile = agent.profile.capacity !== undefined;
    this.keepsIdle = agent.keepsIdle;
    this.version = agent.version;
    this.unanswered = agent.unanswered;
    this.changed = { kind: 'agentChanged', agentId: agent.profile.id };
    this.onlyEndpoint = onlyEndpointOf(agent.profile);
    this.copy = undefined;
    this.work = work;
    this.profile = agent.profile;
    this.wrapUpMaxUntilMs = agent.wrapUpMaxUntilMs;
    this.pauseReason = agent.pauseReason;
    this.pauseProductive = agent.pauseProductive;
    this.changedBy = agent.changedBy;
    this.devices = agent.devices;
    this.chosenDevice = agent.chosenDevice;
    this.skills = agent.skills;
    this.skillCount = Object.keys(agent.profile.skills).length;
    work.begin(place, agent.sinceMs);
    this.sinceMs = agent.sinceMs;
    this.idleSinceMs = agent.idleSinceMs;
    this.wrapUpUntilMs = agent.wrapUpUntilMs;
    this.cooldownUntilMs = agent.cooldownUntilMs;
  }

  get kind(): 'agent' {
    return 'agent';
  }

  get sinceMs(): number {
    return this.times.rows[this.place * rowWidth + since] as number;
  }

  set sinceMs(ms: number) {
    this.times.rows[this.place * rowWidth + since] = ms;
  }

  get idleSinceMs(): number {
    return this.times.rows[this.place * rowWidth + idleSince] as number;
  }

  set idleSinceMs(ms: number) {
    this.times.rows[this.place * rowWidth + idleSince] = ms;
  }

  get cooldownUntilMs(): number {
    return this.times.rows[this.place * rowWidth + cooldownUntil] as number;
  }

  set cooldownUntilMs(ms: number) {
    this.times.rows[this.place * rowWidth + cooldownUntil] = ms;
  }

  get wrapUpUntilMs(): number | undefined {
    const ms = this.times.rows[this.place * rowWidth + wrapUpUntil] as number;
    return Number.isNaN(ms) ? undefined : ms;
  }

  set wrapUpUntilMs(ms: number | undefined) {
    this.times.rows[this.place * rowWidth + wrapUpUntil] = ms ?? Number.NaN;
  }

  get signedInAtMs(): number {
    return this.work.signedInAtMs(this.place);
  }

  /** Chats and mails that the agent has. */
  get inHand(): number {
    return this.contacts?.length ?? 0;
  }

  get levels(): Readonly<Record<string, number>> {
    return this.profile.skills;
  }

  get busyMs(): number {
    return this.work.busyMs(this.place);
  }

  callsLately(nowMs: number): number {
    return this.work.callsLately(this.place, nowMs);
  }

  /** What is dialled for the agent now. */
  get endpoint(): string {
    return this.onlyEndpoint ?? endpointOf(this);
  }

  /** The agent as of now, for others to keep. */
  get seen(): Agent {
    this.copy ??= draftOf(this);
    return this.copy;
  }

  /** Does to the agent what the input does, and says whether that is anything. */
  change(input: AgentInput, nowMs: number): boolean {
    const { presence, routing, contacts } = this;
    if (!changeAgent(this, input, nowMs)) return false;
    this.noteWork(presence, routing, contacts, nowMs);
    return true;
  }

  /** The agent is as that record says from now on. */
  become(after: Agent, nowMs: number): void {
    const { presence, routing, contacts } = this;
    Object.assign(this, draftOf(after));
    this.isVersatile = after.profile.capacity !== undefined;
    this.onlyEndpoint = onlyEndpointOf(after.profile);
    this.skillCount = Object.keys(after.profile.skills).length;
    this.noteWork(presence, routing, contacts, nowMs);
  }

  /** When routing must look at the agent again. */
  nextDueMs(reason: Ineligible | undefined, nowMs: number): number {
    const { watched, advised } = this;
    let dueMs = watched === undefined ? Number.POSITIVE_INFINITY : watched.expiresAtMs;
    if (this.routing === 'wrapUp') dueMs = Math.min(dueMs, this.wrapUpUntilMs ?? dueMs);
    // Who has contacts in hand is, as far as calls go, busy before anything else.
    const rests = reason === 'cooldown' || (this.isVersatile && this.cooldownUntilMs > nowMs);
    if (rests) dueMs = Math.min(dueMs, this.cooldownUntilMs);
    if (advised && advised.untilMs > nowMs) dueMs = Math.min(dueMs, advised.untilMs);
    return dueMs;
  }

  private noteWork(
    presence: Agent['presence'],
    routing: Agent['routing'],
    contacts: Agent['contacts'],
    nowMs: number,
  ): void {
    const { place, work } = this;
    this.copy = undefined;
    if (presence === 'signedOut' && this.presence !== 'signedOut') work.signIn(place, nowMs);
    const isIdle = isAtRest(this);
    const wasIdle = routing === 'idle' && contacts === undefined;
    if (wasIdle !== isIdle) work.note(place, !isIdle, nowMs);
    else if (contacts !== this.contacts) work.goOn(place, nowMs);
    if (routing === 'offered' && (this.routing === 'talking' || this.contacts !== contacts)) {
      if (this.routing !== 'offered') work.answered(place, nowMs);
    }
  }
}

const onlyEndpointOf = ({ devices, endpoint }: AgentProfile): string | undefined => (devices ? undefined : endpoint);
