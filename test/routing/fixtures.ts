import type { AgentProfile } from '../../src/agents/index.ts';
import type { OfferToken } from '../../src/call/index.ts';
import {
  type QueuePolicy,
  RoutingEngine,
  type RoutingInput,
  type RoutingOutput,
  type RoutingRequest,
} from '../../src/routing/index.ts';

export const t0 = 1_800_000_000_000;

export const queue = (id: string, part: Partial<QueuePolicy> = {}): QueuePolicy => ({
  id,
  name: id,
  needs: {},
  ringTimeoutMs: 20_000,
  offer: 'ring',
  waitingCallsMax: 100,
  maxWaitMs: 600_000,
  overflow: { kind: 'hangup' },
  whenFull: { kind: 'hangup' },
  wrapUpMs: 10_000,
  priority: 0,
  vipBoostMs: 300_000,
  valueBoostMs: 1000,
  urgencyBoostMs: { high: 30_000, critical: 60_000 },
  noAnswerLimit: 3,
  cooldownMs: { declined: 5000, busy: 10_000, noAnswer: 15_000, unreachable: 30_000 },
  musicClass: 'default',
  ...part,
});

export const profile = (id: string, part: Partial<AgentProfile> = {}): AgentProfile => ({
  id,
  name: id,
  endpoint: `PJSIP/${id}`,
  skills: {},
  queues: ['sales'],
  ...part,
});

/** A routing engine with its own clock, driven by hand. */
export class Table {
  nowMs = t0;
  readonly engine: RoutingEngine;
  readonly log: RoutingOutput[] = [];

  constructor(queues: readonly QueuePolicy[], agents: readonly AgentProfile[]) {
    this.engine = new RoutingEngine({ epoch: 'e1', queues, agents, nowMs: t0 });
  }

  step(input: RoutingInput): readonly RoutingOutput[] {
    const outputs = this.engine.step(input, this.nowMs);
    this.log.push(...outputs);
    return outputs;
  }

  signIn(...agentIds: string[]): this {
    for (const agentId of agentIds) this.step({ kind: 'agent', agentId, input: { kind: 'signIn' } });
    return this;
  }

  pause(agentId: string): readonly RoutingOutput[] {
    return this.step({ kind: 'agent', agentId, input: { kind: 'pause', reason: 'lunch' } });
  }

  available(agentId: string): readonly RoutingOutput[] {
    return this.step({ kind: 'agent', agentId, input: { kind: 'setAvailable' } });
  }

  enqueue(callId: string, part: Partial<RoutingRequest> = {}): readonly RoutingOutput[] {
    return this.step({ kind: 'enqueue', request: this.request(callId, part) });
  }

  request(callId: string, part: Partial<RoutingRequest> = {}): RoutingRequest {
    return {
      callId,
      nodeId: 'pbx1',
      queueId: 'sales',
      queuedAtMs: this.nowMs,
      waitingSinceMs: part.queuedAtMs ?? this.nowMs,
      priority: 0,
      vip: false,
      value: 0,
      urgency: 'normal',
      needs: {},
      returned: false,
      attempts: 0,
      hops: 0,
      ...part,
    };
  }

  /** Turns the clock; the engine is called exactly when it asked to be. */
  advance(delayMs: number): readonly RoutingOutput[] {
    const untilMs = this.nowMs + delayMs;
    const outputs: RoutingOutput[] = [];
    for (let due = this.engine.nextDueMs(); due !== undefined && due <= untilMs; due = this.engine.nextDueMs()) {
      this.nowMs = Math.max(this.nowMs, due);
      outputs.push(...this.step({ kind: 'tick' }));
    }
    this.nowMs = untilMs;
    return outputs;
  }

  /** All offers of a call that stand. */
  offersOf(callId: string): readonly OfferToken[] {
    return [...this.engine.waitingCalls()].find((call) => call.request.callId === callId)?.offers ?? [];
  }

  /** The newest offer of a call, as long as it stands. */
  offerOf(callId: string): OfferToken | undefined {
    return this.offersOf(callId)[0];
  }

  fail(
    callId: string,
    outcome: 'declined' | 'busy' | 'noAnswer' | 'unreachable' | 'withdrawn',
  ): readonly RoutingOutput[] {
    const token = this.offerOf(callId);
    if (!token) throw new Error(`no offer for ${callId}`);
    return this.step({ kind: 'offerEnded', token, outcome });
  }

  answer(callId: string): OfferToken {
    const token = this.offerOf(callId);
    if (!token) throw new Error(`no offer for ${callId}`);
    this.step({ kind: 'offerAnswered', token });
    return token;
  }

  endTalk(
    callId: string,
    agentId: string,
    outcome: 'talked' | 'dropped' | 'callerLeft' = 'talked',
  ): readonly RoutingOutput[] {
    return this.step({ kind: 'talkEnded', agentId, callId, queueId: 'sales', outcome });
  }

  device(
    agentId: string,
    state: 'notInUse' | 'inUse' | 'ringing' | 'unavailable' | 'unknown' | 'busy',
  ): readonly RoutingOutput[] {
    return this.step({ kind: 'agent', agentId, input: { kind: 'deviceChanged', state } });
  }
}

/** `call>agent` for each offer, `overflow call target` and so on, without what only informs. */
export const words = (outputs: readonly RoutingOutput[]): string[] =>
  outputs.flatMap((output) => {
    switch (output.kind) {
      case 'offer':
        return [`${output.token.callId}>${output.token.agentId}`];
      case 'offerExpired':
      case 'withdraw':
        return [`${output.kind} ${output.token.callId}>${output.token.agentId}`];
      case 'overflow':
        return [`overflow ${output.callId} ${output.reason}`];
      case 'wrapUpEnded':
        return [`wrapUpEnded ${output.agentId} ${output.callId}`];
      default:
        return [];
    }
  });
