/** A contact centre at work, without phones: 10,000 agents, and more callers than they can serve. */
import type { AgentProfile } from '../src/agents/index.ts';
import type { OfferToken } from '../src/call/index.ts';
import { type QueuePolicy, RoutingEngine, type RoutingInput, type RoutingRequest } from '../src/routing/index.ts';
import { seededChance } from './chance.ts';

export const agentCount = 10_000;
const skillCount = 200;
const skillsOfAgent = 20;
const queueCount = 10;
/** Ten thousand agents with calls of five minutes. */
export const callsPerSecond = agentCount / 300;
const t0 = 1_800_000_000_000;
/** Calls that a floor can have in its life. */
const callsMax = 2 ** 22;
export const timedMax = 1_000_000;

const policy = (id: string): QueuePolicy => ({
  id,
  name: id,
  needs: {},
  ringTimeoutMs: 20_000,
  offer: 'ring',
  waitingCallsMax: 1_000_000,
  maxWaitMs: 24 * 3_600_000,
  overflow: { kind: 'hangup' },
  whenFull: { kind: 'hangup' },
  wrapUpMs: 10_000,
  priority: 0,
  vipBoostMs: 300_000,
  valueBoostMs: 1_000,
  urgencyBoostMs: { high: 60_000, critical: 120_000 },
  noAnswerLimit: 1_000,
  cooldownMs: { declined: 5_000, busy: 5_000, noAnswer: 15_000, unreachable: 30_000 },
  musicClass: 'default',
});

interface Wish {
  readonly queueId: string;
  readonly needs: Readonly<Record<string, number>>;
}

/** Plays the callers and the phones. Only the time spent in the engine's `step` is measured. */
export class BusyFloor {
  readonly engine: RoutingEngine;
  readonly profiles: readonly AgentProfile[];
  readonly wishes: readonly Wish[];
  nowMs = t0;
  /** Microseconds of each step since `steps` was 0. */
  readonly stepUs = new Float64Array(timedMax);
  steps = 0;
  private readonly chance: () => number;
  private readonly ringing: OfferToken[] = [];
  private readonly queueIds: readonly string[];
  /**
   * Numbers of the calls that are talked, with their ids and agents, and of those that wait, and where in it each is.
   * Plain numbers and strings that are there: the driver should leave collector and caches to the engine.
   */
  private readonly talks: number[] = [];
  private readonly talkIds: string[] = [];
  private readonly talkers: string[] = [];
  private readonly waiting: number[] = [];
  private readonly placeOf = new Int32Array(callsMax);
  private readonly queueOf = new Uint8Array(callsMax);
  private paused: string | undefined;
  private callNumber = 0;
  private hasWaited = false;
  private readonly waitingWanted: number;

  constructor(waitingWanted: number, signatureCount: number, seed: number) {
    this.chance = seededChance(seed);
    this.waitingWanted = waitingWanted;
    const queues = Array.from({ length: queueCount }, (_, index) => policy(`queue${index}`));
    this.queueIds = queues.map(({ id }) => id);
    this.profiles = Array.from({ length: agentCount }, (_, index) => this.agent(index, this.queueIds));
    this.wishes = Array.from({ length: signatureCount }, () => this.wish());
    this.engine = new RoutingEngine({ epoch: 'bench', queues, agents: this.profiles, nowMs: t0 });
  }

  /** Everybody signs in and talks. */
  open(): void {
    for (const { id: agentId } of this.profiles) this.step({ kind: 'agent', agentId, input: { kind: 'signIn' } });
    for (let tries = 0; this.talks.length < agentCount * 0.99 && tries < agentCount * 5; tries += 1) {
      this.arrive();
      this.answerAll();
    }
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Fills the line. */
  fill(): void {
    while (this.waiting.length < this.waitingWanted) {
      this.arrive();
      this.answerAll();
    }
  }

  /** Calls that wait, each with the agents who could take it. */
  waitingByWish(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { request } of this.engine.waitingCalls()) {
      const key = JSON.stringify([request.queueId, request.needs]);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  /** One event: something is due, a phone is answered or not, a caller comes or gives up, a conversation ends, an agent has a break. */
  event(): void {
    if (this.isDue()) return this.step({ kind: 'tick' });
    const token = this.ringing.pop();
    if (token) return this.settle(token);
    // One caller comes and one is through in the time that a call takes the whole floor.
    if (!this.hasWaited) this.nowMs += 1_000 / callsPerSecond / 2;
    this.hasWaited = true;
    if (this.isDue()) return this.step({ kind: 'tick' });
    this.hasWaited = false;
    if (this.waiting.length < this.waitingWanted) return this.arrive();
    const what = this.chance();
    if (what < 0.9) return this.hangUp();
    if (what < 0.98) return this.giveUp();
    this.takeBreak();
  }

  private isDue(): boolean {
    const dueMs = this.engine.nextDueMs();
    return dueMs !== undefined && dueMs <= this.nowMs;
  }

  private arrive(): void {
    const wish = this.wishes[this.below(this.wishes.length)] as Wish;
    this.callNumber += 1;
    const request: RoutingRequest = {
      callId: `call-${this.callNumber}`,
      nodeId: 'pbx1',
      queueId: wish.queueId,
      queuedAtMs: this.nowMs,
      waitingSinceMs: this.nowMs,
      priority: 0,
      vip: this.chance() < 0.1,
      value: this.below(100),
      urgency: 'normal',
      needs: wish.needs,
      returned: false,
      attempts: 0,
      hops: 0,
    };
    this.placeOf[this.callNumber] = this.waiting.push(this.callNumber) - 1;
    this.queueOf[this.callNumber] = Number(wish.queueId.slice('queue'.length));
    this.step({ kind: 'enqueue', request });
  }

  private settle(token: OfferToken): void {
    const what = this.chance();
    if (what > 0.96) {
      return this.step({ kind: 'offerEnded', token, outcome: what > 0.98 ? 'declined' : 'noAnswer' });
    }
    const number = Number(token.callId.slice('call-'.length));
    this.forget(number);
    this.talks.push(number);
    this.talkIds.push(token.callId);
    this.talkers.push(token.agentId);
    this.step({ kind: 'offerAnswered', token });
  }

  private answerAll(): void {
    for (let token = this.ringing.pop(); token; token = this.ringing.pop()) this.settle(token);
  }

  private hangUp(): void {
    const at = this.below(this.talks.length);
    const queueId = this.queueIds[this.queueOf[takeOut(this.talks, at)] as number] as string;
    const agentId = takeOut(this.talkers, at);
    this.step({ kind: 'talkEnded', callId: takeOut(this.talkIds, at), agentId, queueId, outcome: 'talked' });
  }

  private giveUp(): void {
    const number = this.waiting[this.below(this.waiting.length)];
    if (number === undefined) return;
    this.forget(number);
    this.step({ kind: 'leave', callId: `call-${number}` });
  }

  private takeBreak(): void {
    if (this.paused !== undefined) {
      this.step({ kind: 'agent', agentId: this.paused, input: { kind: 'setAvailable' } });
      this.paused = undefined;
      return;
    }
    this.paused = this.profiles[this.below(agentCount)]?.id ?? '';
    this.step({ kind: 'agent', agentId: this.paused, input: { kind: 'pause', reason: 'tea' } });
  }

  private forget(number: number): void {
    const at = this.placeOf[number];
    const last = this.waiting.pop();
    if (at === undefined || last === undefined || last === number) return;
    this.waiting[at] = last;
    this.placeOf[last] = at;
  }

  private step(input: RoutingInput): void {
    const before = performance.now();
    const outputs = this.engine.step(input, this.nowMs);
    this.stepUs[this.steps % timedMax] = (performance.now() - before) * 1_000;
    this.steps += 1;
    for (const output of outputs) if (output.kind === 'offer') this.ringing.push(output.token);
  }

  private agent(index: number, queues: readonly string[]): AgentProfile {
    const skills: Record<string, number> = {};
    for (let count = 0; count < skillsOfAgent; count += 1) skills[this.skill()] = 20 + this.below(81);
    return { id: `agent-${index}`, name: `Agent ${index}`, endpoint: `PJSIP/${index}`, skills, queues };
  }

  private wish(): Wish {
    const needs = { [this.skill()]: this.below(61), [this.skill()]: this.below(61) };
    return { queueId: this.queueIds[this.below(queueCount)] as string, needs };
  }

  private skill(): string {
    return `skill-${this.below(skillCount)}`;
  }

  private below(count: number): number {
    return Math.floor(this.chance() * count);
  }
}

/** The last one takes its place. */
function takeOut<T>(list: T[], at: number): T {
  const one = list[at] as T;
  list[at] = list.at(-1) as T;
  list.pop();
  return one;
}
