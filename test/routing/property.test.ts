import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OfferToken } from '../../src/call/index.ts';
import {
  type QueuePolicy,
  RoutingEngine,
  type RoutingInput,
  type RoutingOutput,
  type WaitingCall,
} from '../../src/routing/index.ts';
import { meets, requirementOf } from '../../src/routing/requirement.ts';
import { profile, queue, t0 } from './fixtures.ts';

const seed = 20_260_102;
const graceMs = 10_000;
/** Every rule that decides who is looked at has a queue here. */
const rulesOf = (level: number): QueuePolicy[] => [
  queue('sales', { waitingCallsMax: 4, maxWaitMs: 60_000, overflow: { kind: 'queue', queueId: 'any' } }),
  queue('service', {
    needs: { english: level },
    noAnswerLimit: 2,
    cooldownMs: { declined: 0, busy: 0, noAnswer: 0, unreachable: 0 },
  }),
  queue('any', { offer: 'accept', wrapUpMs: 0, maxWaitMs: 90_000, overflow: { kind: 'queue', queueId: 'sales' } }),
  queue('together', { ringAll: 2, selection: 'roundRobin', vipReserve: 1, deadlineMs: 30_000 }),
  queue('steps', {
    ordering: { kind: 'accumulating', rates: [1, 4] },
    selection: 'weighted',
    edges: {
      a1: { priority: 10, delayMs: 5000, penalty: 1, weight: 2 },
      a2: { priority: 60, delayMs: 8000, penalty: 0, weight: 1 },
    },
    steps: [
      { agentId: 'a2', expiresAfterMs: 4000, skipIf: { kind: 'agents', counted: 'atWork', op: '<', count: 1 } },
      { requirement: requirementOf({ english: level }), expiresAfterMs: 6000, exclude: ['a1'] },
      { targetQueueId: 'sales', expiresAfterMs: 10_000, priorityDelta: 1 },
    ],
  }),
  queue('staffed', {
    leaveEmpty: { counted: 'atWork', target: { kind: 'queue', queueId: 'any' } },
    noAgentGraceMs: graceMs,
    edges: { a3: { priority: 50, delayMs: 8000, penalty: 0, weight: 1 } },
    steps: [{ requirement: requirementOf({ english: level }), expiresAfterMs: 6000 }, {}],
  }),
];
const queues = rulesOf(50);
const agents = [
  profile('a0', {
    queues: ['sales', 'service', 'any', 'together', 'staffed'],
    skills: { english: 90 },
    capacity: { chat: 2 },
  }),
  profile('a1', { queues: ['sales', 'any', 'together', 'steps'], capacity: { chat: 1 } }),
  profile('a2', { queues: ['service', 'steps'], skills: { english: 50 }, nodeId: 'pbx2' }),
  profile('a3', {
    queues: ['sales', 'service', 'together', 'steps', 'staffed'],
    skills: { english: 10 },
    nodeId: 'pbx1',
  }),
];
const callIds = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'];
/** As many on each node as there are calls beside them. */
const chatIds: ReadonlySet<string> = new Set(['c4', 'c5', 'c6', 'c7']);

/** A move of the world: which of it makes sense is decided when it is played, from what the engine has said so far. */
const move = fc.record({
  kind: fc.constantFrom(
    'enqueue',
    'enqueue',
    'enqueue',
    'leave',
    'answer',
    'fail',
    'fail',
    'talkEnd',
    'agent',
    'agent',
    'device',
    'node',
    'wait',
    'wait',
    'reassess',
    'stale',
    'advise',
    'adviceUnused',
    'profile',
    'policy',
  ),
  call: fc.nat(callIds.length - 1),
  agent: fc.nat(agents.length - 1),
  pick: fc.nat(59),
  waitMs: fc.constantFrom(0, 1, 900, 6000, 21_000, 65_000),
});
type Move = {
  readonly kind: string;
  readonly call: number;
  readonly agent: number;
  readonly pick: number;
  readonly waitMs: number;
};
/** Of up to 200 moves each, so that every law is held through 100,000 steps. */
const worlds = 1_300;
const stepsMin = 100_000;
const moves = fc.array(move, { minLength: 1, maxLength: 200, size: 'max' });

const outcomes = ['declined', 'busy', 'noAnswer', 'unreachable', 'withdrawn'] as const;
const devices = ['notInUse', 'notInUse', 'inUse', 'ringing', 'unavailable', 'unknown'] as const;
const nodes = ['pbx1', 'pbx2'] as const;

/** Plays the part of the calls: honest answers to offers, expiries and overflows, at times of its own choosing. */
class World {
  nowMs = t0;
  engine = new RoutingEngine({ epoch: 'e1', queues, agents, nowMs: t0 });
  readonly inputs: { input: RoutingInput; atMs: number }[] = [];
  readonly outputs: RoutingOutput[] = [];
  readonly down = new Set<string>();
  readonly offers = new Map<string, OfferToken>();
  readonly talks = new Map<string, string>();
  readonly old: OfferToken[] = [];
  private readonly attempts = new Map<string, number>();
  /** Who was named to the dialplan, by call. */
  readonly kept = new Map<string, string>();
  private owed: RoutingInput[] = [];
  /** Since when each call of the queue that is to be staffed has waited for nobody. */
  readonly unmannedSinceMs = new Map<string, number>();
  /** What became of each call. */
  readonly fate = new Map<string, 'waiting' | 'answered' | 'left'>();
  /** Offers told, and ends told of offers that were over. */
  told = 0;
  staleEnds = 0;

  isKept(agentId: string): boolean {
    return (this.engine.agent(agentId)?.advised?.untilMs ?? 0) > this.nowMs;
  }

  step(input: RoutingInput): void {
    this.inputs.push({ input, atMs: this.nowMs });
    this.foresee(input);
    const outputs = this.engine.step(input, this.nowMs);
    this.outputs.push(...outputs);
    for (const output of outputs) this.hear(output);
    for (let next = this.owed.shift(); next; next = this.owed.shift()) this.step(next);
  }

  private foresee(input: RoutingInput): void {
    if (input.kind === 'enqueue') this.fate.set(input.request.callId, 'waiting');
    if (input.kind === 'leave') this.fate.set(input.callId, 'left');
    if (input.kind === 'offerEnded') this.staleEnds += 1;
  }

  private hear(output: RoutingOutput): void {
    if (output.kind === 'offer') {
      this.told += 1;
      must(!this.offers.has(output.token.agentId), `second live offer for ${output.token.agentId}`);
      must(!this.isKept(output.token.agentId), `${output.token.agentId} is kept for a call of the dialplan`);
      this.offers.set(output.token.agentId, output.token);
      this.attempts.set(output.token.callId, output.token.attempt);
    } else if (output.kind === 'advised') {
      must(!this.offers.has(output.agentId), `${output.agentId} advised while offered`);
      must(!this.kept.has(output.callId), 'one call has two agents');
      this.kept.set(output.callId, output.agentId);
    } else if (output.kind === 'offerExpired' || output.kind === 'withdraw') {
      this.end(output.token, output.kind === 'withdraw' ? 'withdrawn' : 'noAnswer');
    } else if (output.kind === 'overflow') {
      const { callId, target, reason } = output;
      if (reason === 'queueFull' || reason === 'noQueue') this.fate.set(callId, 'left');
      if (target.kind !== 'queue') return void this.owed.push({ kind: 'leave', callId });
      this.owed.push({ kind: 'enqueue', request: this.request(callId, target.queueId, true) });
    }
  }

  end(token: OfferToken, outcome: (typeof outcomes)[number]): void {
    if (this.offers.get(token.agentId) !== token) return;
    this.offers.delete(token.agentId);
    this.old.push(token);
    this.owed.push({ kind: 'offerEnded', token, outcome });
  }

  request(
    callId: string,
    queueId: string,
    isOverflow = false,
    vip = false,
  ): Extract<RoutingInput, { kind: 'enqueue' }>['request'] {
    const before = [...this.engine.waitingCalls()].find((call) => call.request.callId === callId)?.request;
    const nodeId = nodes[callIds.indexOf(callId) % 2] ?? 'pbx1';
    const hops = isOverflow ? (before?.hops ?? 0) + 1 : 0;
    const queuedAtMs = before?.queuedAtMs ?? this.nowMs;
    return {
      callId,
      nodeId,
      queueId,
      queuedAtMs,
      waitingSinceMs: queuedAtMs,
      priority: 0,
      vip,
      value: 0,
      urgency: 'normal',
      needs: {},
      ...(chatIds.has(callId) ? { channel: 'chat' } : {}),
      returned: false,
      attempts: this.attempts.get(callId) ?? 0,
      hops,
    };
  }

  /** Everybody goes home: what is left when all has had its time? */
  drain(): void {
    for (const nodeId of nodes) this.step({ kind: 'node', nodeId, up: true });
    this.wait(120_000);
    for (const [callId, agentId] of this.talks) {
      this.step({ kind: 'talkEnded', callId, agentId, queueId: 'any', outcome: 'talked' });
    }
    for (const { id } of agents) this.step({ kind: 'agent', agentId: id, input: { kind: 'signOut' } });
    this.wait(3_600_000);
    must(this.offers.size === 0, 'an offer stands for ever');
    for (const { profile: known, routing, contacts } of this.engine.allAgents()) {
      must(routing === 'idle' && contacts === undefined, `${known.id} ${routing}, ${contacts?.length ?? 0} in hand`);
    }
    must([...this.engine.waitingCalls()].length === 0, 'a call waits for ever');
  }

  /** The server dies and begins again as the bridge has it: agents from the store, then calls with their age. */
  revive(): void {
    const before = this.engine;
    this.engine = new RoutingEngine({ epoch: 'e2', queues, agents, nowMs: this.nowMs });
    for (const nodeId of nodes) this.step({ kind: 'node', nodeId, up: false });
    for (const agent of before.allAgents()) {
      const { profile: known, device, ...record } = JSON.parse(JSON.stringify(agent)) as typeof agent;
      const { offer: _offer, callId, ...rest } = record;
      const restored = record.routing === 'offered' ? { ...rest, routing: 'idle' as const } : { ...rest, callId };
      this.step({ kind: 'agentProfile', profile: known });
      this.step({ kind: 'restoreAgent', agentId: known.id, record: restored });
      this.step({ kind: 'agent', agentId: known.id, input: { kind: 'deviceChanged', state: device } });
    }
    this.offers.clear();
    for (const { request, attempts, queueEnteredAtMs } of before.waitingCalls()) {
      this.step({ kind: 'enqueue', request: { ...request, attempts, queueEnteredAtMs, hops: 0 } });
    }
    for (const nodeId of nodes) if (!this.down.has(nodeId)) this.step({ kind: 'node', nodeId, up: true });
  }

  /** Ticks as often as the engine wants on the way. */
  wait(waitMs: number): void {
    const untilMs = this.nowMs + waitMs;
    for (let due = this.engine.nextDueMs(); due !== undefined && due <= untilMs; due = this.engine.nextDueMs()) {
      this.nowMs = Math.max(this.nowMs, due);
      this.step({ kind: 'tick' });
    }
    this.nowMs = untilMs;
  }

  play({ kind, call, agent, pick, waitMs }: Move): void {
    const callId = callIds[call] as string;
    const agentId = agents[agent]?.id as string;
    const token = [...this.offers.values()][pick % Math.max(1, this.offers.size)];
    switch (kind) {
      case 'enqueue':
        if (this.talks.has(callId)) return;
        return this.step({
          kind,
          request: this.request(callId, queues[pick % queues.length]?.id as string, false, pick % 5 === 0),
        });
      case 'reassess':
        return this.step({ kind, request: this.request(callId, 'sales', false, pick % 2 === 0) });
      case 'leave':
        for (const offer of this.offers.values()) if (offer.callId === callId) this.offers.delete(offer.agentId);
        return this.step({ kind, callId });
      case 'answer':
        if (!token) return;
        this.offers.delete(token.agentId);
        this.old.push(token);
        this.talks.set(token.callId, token.agentId);
        this.fate.set(token.callId, 'answered');
        return this.step({ kind: 'offerAnswered', token });
      case 'fail':
        if (!token) return;
        this.end(token, outcomes[pick % outcomes.length] ?? 'declined');
        return this.step({ kind: 'tick' });
      case 'talkEnd': {
        const talk = [...this.talks][pick % Math.max(1, this.talks.size)];
        if (!talk) return;
        this.talks.delete(talk[0]);
        const outcome = (['talked', 'talked', 'dropped', 'callerLeft'] as const)[pick % 4] ?? 'talked';
        return this.step({
          kind: 'talkEnded',
          callId: talk[0],
          agentId: talk[1],
          queueId: queues[pick % 3]?.id as string,
          outcome,
        });
      }
      case 'agent': {
        const kinds = [
          'signIn',
          'signIn',
          'signIn',
          'setAvailable',
          'setAvailable',
          'signOut',
          'pause',
          'wrapUpEnded',
        ] as const;
        const wish = kinds[pick % kinds.length] ?? 'signIn';
        return this.step({ kind, agentId, input: wish === 'pause' ? { kind: wish, reason: 'lunch' } : { kind: wish } });
      }
      case 'device':
        return this.step({
          kind: 'agent',
          agentId,
          input: { kind: 'deviceChanged', state: devices[pick % devices.length] ?? 'unknown' },
        });
      case 'node':
        return this.turn(nodes[pick % 2] ?? 'pbx1', pick % 3 > 0);
      case 'profile':
        return this.retrain(agentId, pick);
      case 'policy':
        return this.step({ kind: 'policy', version: `v${pick % 3}`, queues: rulesOf(pick), current: pick % 2 === 0 });
      case 'advise':
        return this.advise(pick);
      case 'adviceUnused':
        return this.adviceUnused([...this.kept][pick % Math.max(1, this.kept.size)]);
      case 'stale':
        return this.stale(this.old[pick % Math.max(1, this.old.length)], pick);
      default:
        return this.wait(waitMs);
    }
  }

  private retrain(agentId: string, pick: number): void {
    const known = this.engine.agent(agentId)?.profile ?? profile(agentId);
    const skills = pick % 3 === 0 ? {} : { english: pick };
    this.step({ kind: 'agentProfile', profile: { ...known, skills } });
  }

  private turn(nodeId: string, isUp: boolean): void {
    if (isUp) this.down.delete(nodeId);
    else this.down.add(nodeId);
    this.step({ kind: 'node', nodeId, up: isUp });
  }

  private advise(pick: number): void {
    const callId = `d${this.inputs.length}`;
    const request = { ...this.request(callId, queues[pick % 3]?.id as string), nodeId: nodes[pick % 2] ?? 'pbx1' };
    this.step({ kind: 'advise', request, holdMs: 5_000 });
  }

  private adviceUnused(named: readonly [callId: string, agentId: string] | undefined): void {
    if (named) this.step({ kind: 'adviceUnused', callId: named[0], agentId: named[1] });
  }

  /** A token that has had its end is told again: nobody may move. */
  private stale(token: OfferToken | undefined, pick: number): void {
    if (!token) return;
    const before = JSON.stringify([...this.engine.allAgents()]);
    const count = this.outputs.length;
    this.step(pick % 2 === 0 ? { kind: 'offerAnswered', token } : { kind: 'offerEnded', token, outcome: 'declined' });
    const decisions = this.outputs.slice(count).filter(({ kind }) => kind !== 'queueChanged');
    must(decisions.length === 0 || this.wasDue, 'a stale token moved something');
    if (!this.wasDue) must(JSON.stringify([...this.engine.allAgents()]) === before, 'a stale token changed an agent');
  }

  /** Time went on since the last step, so that something else may have fallen due in this one. */
  private get wasDue(): boolean {
    const last = this.inputs.at(-2);
    return last !== undefined && last.atMs < this.nowMs;
  }
}

function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** Nobody who is one for a call of this queue is at work: it may not wait for longer than the grace. */
function mustNotWaitForNobody(world: World): void {
  const isManned = (isChat: boolean): boolean =>
    agents.some(({ id }) => {
      const { queues: served = [], capacity } = world.engine.agent(id)?.profile ?? {};
      return isAtWork(world, id, isChat) && served.includes('staffed') && (!isChat || capacity?.chat !== undefined);
    });
  const before = new Map(world.unmannedSinceMs);
  world.unmannedSinceMs.clear();
  for (const { request, offer, progress, queueEnteredAtMs } of world.engine.waitingCalls()) {
    const { callId, queueId, nodeId } = request;
    if (queueId !== 'staffed' || offer || progress.passedOn || world.down.has(nodeId)) continue;
    if (isManned(request.channel === 'chat')) continue;
    const sinceMs = Math.max(before.get(callId) ?? world.nowMs, queueEnteredAtMs);
    must(world.nowMs - sinceMs < graceMs, `${callId} waits for nobody`);
    world.unmannedSinceMs.set(callId, sinceMs);
  }
}

function isAtWork(world: World, agentId: string, isChat: boolean): boolean {
  const agent = world.engine.agent(agentId);
  return agent?.presence === 'available' && (isChat || agent.device !== 'unavailable');
}

/** Written anew from the rules, not taken from the engine: could this agent be offered this call at this moment? */
function couldServe(world: World, agentId: string, call: WaitingCall): boolean {
  if (call.offer || call.progress.passedOn || world.down.has(call.request.nodeId)) return false;
  const isChat = call.request.channel === 'chat';
  if (!isFree(world, agentId, isChat) || !fits(world, agentId, call)) return false;
  const { vipReserve, deadlineMs = Number.POSITIVE_INFINITY } = call.rules.policy;
  const isLate = world.nowMs - call.request.queuedAtMs >= deadlineMs;
  if (vipReserve !== undefined && !call.request.vip && !isLate) {
    const free = agents.filter(({ id }) => isFree(world, id, isChat) && fits(world, id, call));
    if (free.length <= vipReserve) return false;
  }
  if (!call.progress.declined.has(agentId)) return true;
  const others = agents.filter(
    ({ id }) => isAtWork(world, id, isChat) && !call.progress.declined.has(id) && fits(world, id, call),
  );
  return others.length === 0;
}

function isFree(world: World, agentId: string, isChat: boolean): boolean {
  const agent = world.engine.agent(agentId);
  if (!agent || agent.presence !== 'available' || agent.routing !== 'idle') return false;
  const mayBeAway = isChat && agent.device === 'unavailable';
  if (agent.device !== 'notInUse' && agent.device !== 'unknown' && !mayBeAway) return false;
  const inHand = agent.contacts?.length ?? 0;
  if (inHand > 0 && (!isChat || inHand >= (agent.profile.capacity?.chat ?? 0))) return false;
  return agent.cooldownUntilMs <= world.nowMs && !world.isKept(agentId);
}

function fits(world: World, agentId: string, call: WaitingCall): boolean {
  const known = world.engine.agent(agentId)?.profile;
  const { nodeId, queueId, needs } = call.request;
  if (!known || (known.nodeId ?? nodeId) !== nodeId) return false;
  if (call.request.channel === 'chat' && !known.capacity?.chat) return false;
  const { policy } = call.rules;
  const step = policy.steps?.[call.progress.step] ?? {};
  if (step.agentId !== undefined) return step.agentId === agentId;
  if (!known.queues.includes(step.targetQueueId ?? queueId) || step.exclude?.includes(agentId)) return false;
  const asked = step.requirement ?? requirementOf({ ...policy.needs, ...needs });
  return meets(asked, known) && (step.targetQueueId !== undefined || hasWaited(world, agentId, call));
}

function hasWaited(world: World, agentId: string, { rules, queueEnteredAtMs }: WaitingCall): boolean {
  return world.nowMs - queueEnteredAtMs >= (rules.policy.edges?.[agentId]?.delayMs ?? 0);
}

function assertAlways(check: (world: World, step: Move) => void, after: (world: World) => void = () => {}): void {
  let steps = 0;
  fc.assert(
    fc.property(moves, (list) => {
      const world = new World();
      for (const step of list) {
        world.play(step);
        check(world, step);
        steps += 1;
      }
      after(world);
    }),
    { seed, numRuns: worlds },
  );
  expect(steps).toBeGreaterThan(stepsMin);
}

describe('whatever the world does', () => {
  it('an agent has at most one live offer, a call no more than ring together, and both sides agree on it', () =>
    assertAlways((world) => {
      let live = 0;
      for (const { offers, offer, rules } of world.engine.waitingCalls()) {
        must(offers.length <= (rules.policy.ringAll ?? 1), 'a call has too many offers');
        must(offer === offers[0], 'a call does not know its offer');
        live += offers.length;
        for (const token of offers) {
          const agent = world.engine.agent(token.agentId);
          must(agent?.routing === 'offered' && agent.offer === token, `${token.agentId} does not hold ${token.callId}`);
          must(world.offers.get(token.agentId) === token, 'a live offer was never told');
        }
      }
      const offered = [...world.engine.allAgents()].filter(({ routing }) => routing === 'offered');
      must(offered.length === live, 'an agent is reserved for nothing');
    }));

  it('an agent has never more chats than the capacity says, and a call alone', () => {
    let beside = 0;
    assertAlways((world) => {
      for (const { profile: known, routing, offer, contacts = [] } of world.engine.allAgents()) {
        must(contacts.length <= (known.capacity?.chat ?? 0), `${known.id} has ${contacts.length} chats`);
        must(
          contacts.every(({ callId }) => world.talks.get(callId) === known.id),
          `${known.id} has a chat of another`,
        );
        must(
          contacts.every(({ callId }) => chatIds.has(callId)),
          `${known.id} has a call among chats`,
        );
        if (contacts.length > 1) beside += 1;
        if (contacts.length > 0)
          must(routing === 'idle' || offer?.channel === 'chat', `${known.id} has a call besides`);
      }
    });
    // Two chats at once are rare where so much else happens.
    expect(beside).toBeGreaterThan(100);
  });

  it('no idle agent sits beside a waiting call that the agent could serve', () =>
    assertAlways((world, step) => {
      // What fell due at this very moment is handled by the tick that follows.
      if (step.kind === 'wait') world.step({ kind: 'tick' });
      const due = world.engine.nextDueMs();
      if (due !== undefined && due <= world.nowMs) return;
      mustNotWaitForNobody(world);
      for (const call of world.engine.waitingCalls()) {
        for (const { id } of agents) must(!couldServe(world, id, call), `${id} idle beside ${call.request.callId}`);
      }
    }));

  it('every token ends, every agent comes free, every call leaves', () =>
    assertAlways(
      () => {},
      (world) => {
        world.drain();
      },
    ));

  it('the same inputs give the same outputs', () =>
    assertAlways(
      () => {},
      (world) => {
        const again = new RoutingEngine({ epoch: 'e1', queues, agents, nowMs: t0 });
        const outputs = world.inputs.flatMap(({ input, atMs }) => again.step(input, atMs));
        expect(JSON.stringify(outputs)).toBe(JSON.stringify(world.outputs));
      },
    ));

  it('killed at any step, and begun again from what is stored, it converges', () =>
    assertAlways(
      () => {},
      (world) => {
        world.revive();
        for (const call of world.engine.waitingCalls()) {
          for (const { id } of agents) must(!couldServe(world, id, call), `${id} idle beside ${call.request.callId}`);
        }
        world.drain();
      },
    ));

  it('no call is lost and none is told twice: each waits, is answered, has left, or was sent on', () =>
    assertAlways((world) => {
      const waiting = new Set([...world.engine.waitingCalls()].map(({ request }) => request.callId));
      for (const callId of callIds) {
        const isIn = waiting.has(callId);
        must(isIn === (world.fate.get(callId) === 'waiting'), `${callId} ${world.fate.get(callId)}, in line: ${isIn}`);
        must(!(isIn && world.talks.has(callId)), `${callId} waits and talks`);
      }
      const { offers, endsOfNoOffer, timeWentBack } = world.engine.stats();
      must(offers === world.told, 'offers counted otherwise than told');
      must(timeWentBack === 0 && endsOfNoOffer <= world.staleEnds, 'an end of a real offer was not believed');
    }));

  it('the line is always in order', () =>
    assertAlways((world) => {
      const { nowMs } = world;
      const keys = [...world.engine.waitingCalls(nowMs)].map(
        ({ signature, orderKey }) => signature?.keyNow(orderKey, nowMs) ?? orderKey,
      );
      must(
        keys.every((key, index) => index === 0 || (keys[index - 1] ?? 0) <= key),
        'out of order',
      );
    }));
});
