import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentProfile } from '../../src/agents/index.ts';
import { type QueuePolicy, requirementOf, type RoutingOutput, type RoutingRequest } from '../../src/routing/index.ts';
import { profile, queue, Table, t0, words } from './fixtures.ts';
import { Oracle, type PlainQueue } from './oracle.ts';

const seed = 20_270_101;
const floors = 400;
const queueIds = ['q0', 'q1', 'q2'] as const;

const nodeIds = ['pbx1', 'pbx2'] as const;

/**
 * Moves come at whole multiples of this; whatever time brings, never. What ends on its own ends at a remainder of its
 * own, so that no two things fall due in one millisecond: nothing says which of them would be looked at first.
 */
const beatMs = 100;
const stepMs = [4_001, 4_003, 4_005] as const;
const delaysMs = (index: number): readonly number[] => [0, 3_020 + 2 * index, 6_021 + 2 * index];
const deadlineMs = (index: number): number => 9_030 + index;
const restMs = (index: number): number => 2_040 + index;

const level = fc.constantFrom(20, 50, 80);
const skills = fc.dictionary(fc.constantFrom('english', 'billing'), level, { maxKeys: 2 });
const needs = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: skills });
const edge = fc.record({
  priority: fc.constantFrom(10, 50, 90),
  delay: fc.constantFrom(0, 0, 1, 2),
  penalty: fc.nat({ max: 1 }),
  weight: fc.constantFrom(1, 2),
});
const plan = fc.record({
  needs,
  selection: fc.constantFrom(
    'longestIdle' as const,
    'leastOccupied' as const,
    'fewestCalls' as const,
    'bestProficiency' as const,
    'leastSkilled' as const,
    'roundRobin' as const,
    'weighted' as const,
    'linear' as const,
  ),
  ordering: fc.constantFrom(
    { kind: 'virtualArrival' as const },
    { kind: 'strict' as const },
    { kind: 'accumulating' as const, rates: [1, 3] },
  ),
  vipReserve: fc.constantFrom(undefined, 1, 2),
  hasDeadline: fc.boolean(),
  ringAll: fc.constantFrom(undefined, undefined, 2, 3),
  priority: fc.nat({ max: 1 }),
  edges: fc.option(fc.dictionary(fc.constantFrom('a0', 'a1', 'a2', 'a3'), edge), { nil: undefined }),
  steps: fc.array(fc.record({ needs: skills, priorityDelta: fc.nat({ max: 1 }) }), { maxLength: 2 }),
});
const capacity = fc.constantFrom(undefined, { chat: 2 }, { chat: 3 }, { chat: 3 });
const person = fc.record({ skills, capacity, queues: fc.subarray([...queueIds], { minLength: 1 }) });
const move = fc.record({
  kind: fc.constantFrom('arrive', 'arrive', 'arrive', 'leave', 'free', 'free', 'free', 'wait', 'down', 'up', 'up'),
  pick: fc.nat({ max: 59 }),
  isChat: fc.boolean(),
  /** Whether the first who is asked declines. */
  declines: fc.constantFrom(false, false, true),
  vip: fc.boolean(),
  value: fc.nat({ max: 3 }),
  urgency: fc.constantFrom('low' as const, 'normal' as const, 'high' as const, 'critical' as const),
  minutes: fc.nat({ max: 1 }),
  needs,
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

function queueOf({ steps, edges, hasDeadline, ...part }: Plan, index: number): PlainQueue {
  const plain = steps.map((step) => ({ ...step, expiresAfterMs: stepMs[index] ?? never }));
  const relaxing = plain.map(({ needs: asked, ...step }) => ({ ...step, requirement: requirementOf(asked) }));
  const policy = queue(`q${index}`, {
    ...part,
    wrapUpMs: 0,
    edges: edges && edgesOf(edges, index),
    cooldownMs: { declined: restMs(index), busy: 0, noAnswer: 0, unreachable: 0 },
    ...(hasDeadline ? { deadlineMs: deadlineMs(index) } : {}),
    ...(plain.length > 0 ? { steps: relaxing } : {}),
  });
  return { policy, steps: plain };
}

const never = Number.POSITIVE_INFINITY;

function edgesOf(edges: NonNullable<Plan['edges']>, index: number): NonNullable<QueuePolicy['edges']> {
  const delays = delaysMs(index);
  return Object.fromEntries(
    Object.entries(edges).map(([id, { delay, ...rest }]) => [id, { ...rest, delayMs: delays[delay] ?? 0 }]),
  );
}

type Move = typeof move extends fc.Arbitrary<infer Value> ? Value : never;

/** The engine and the oracle on the same floor: both are told the same, and must ask the same agents. */
class Both {
  offers = 0;
  declined = 0;
  /** Step by step, in words. */
  readonly engineSaid: (readonly string[])[] = [];
  readonly oracleSaid: (readonly string[])[] = [];
  private readonly table: Table;
  private readonly oracle: Oracle;
  besides = 0;
  private readonly talks = new Map<string, string>();
  private readonly requests = new Map<string, RoutingRequest>();

  constructor(queues: readonly PlainQueue[], people: readonly Partial<AgentProfile>[]) {
    const profiles = people.map((part, index) => profile(`a${index}`, part));
    const policies = queues.map(({ policy }) => policy);
    this.table = new Table(policies, profiles).signIn(...profiles.map(({ id }) => id));
    this.oracle = new Oracle(queues, profiles, t0);
  }

  play(made: Move, index: number): void {
    this.pass(this.table.nowMs + beatMs * (1 + made.pick));
    if (made.kind === 'arrive') this.arrive(made, `c${index}`);
    else if (made.kind === 'leave') this.leave(made.pick);
    else if (made.kind === 'free') this.free(made);
    else if (made.kind === 'down' || made.kind === 'up') this.turn(made);
  }

  private pass(untilMs: number): void {
    const { table } = this;
    const given: string[] = [];
    for (let due = table.engine.nextDueMs(); due !== undefined && due <= untilMs; due = table.engine.nextDueMs()) {
      table.nowMs = due;
      given.push(...this.heard(table.step({ kind: 'tick' }), false));
    }
    table.nowMs = untilMs;
    this.compare(given, this.oracle.pass(untilMs));
  }

  private arrive({ kind: _, pick, minutes, declines, isChat, ...about }: Move, callId: string): void {
    const queueId = queueIds[pick % queueIds.length] as string;
    const nodeId = nodeIds[Number(pick % 4 === 0)] as string;
    const channel = isChat ? 'chat' : undefined;
    const request = this.table.request(callId, { ...about, queueId, nodeId, channel, priority: minutes });
    this.requests.set(callId, request);
    const given = this.heard(this.table.step({ kind: 'enqueue', request }), declines);
    this.compare(given, this.oracle.arrive(request, this.table.nowMs, declines));
  }

  private compare(engine: readonly string[], oracle: readonly string[]): void {
    this.engineSaid.push(engine);
    this.oracleSaid.push(oracle);
  }

  private leave(pick: number): void {
    const callId = [...this.table.engine.waitingCalls()][pick % 3]?.request.callId;
    if (callId === undefined) return;
    this.oracle.leave(callId);
    this.table.step({ kind: 'leave', callId });
  }

  private free({ pick, declines }: Move): void {
    const [callId, agentId] = [...this.talks][pick % Math.max(1, this.talks.size)] ?? [];
    const ended = this.requests.get(callId ?? '');
    const freed = this.oracle.people.find(({ profile: { id } }) => id === agentId);
    if (!callId || !agentId || !ended || !freed) return;
    this.talks.delete(callId);
    const { queueId, channel } = ended;
    const talk = { callId, queueId };
    const given = this.heard(this.table.step({ kind: 'talkEnded', agentId, ...talk, outcome: 'talked' }), declines);
    this.compare(given, this.oracle.free(freed, channel, this.table.nowMs, declines));
  }

  private turn({ kind, pick, declines }: Move): void {
    const nodeId = nodeIds[pick % 2] as string;
    const up = kind === 'up';
    const given = this.heard(this.table.step({ kind: 'node', nodeId, up }), declines);
    this.compare(given, this.oracle.turn(nodeId, up, this.table.nowMs, declines));
  }

  /** Answers each offer, but for the first where it is declined; phones that were taken back ring no more. */
  private heard(outputs: readonly RoutingOutput[], declines: boolean): string[] {
    const { table } = this;
    const news = [...outputs];
    const given: string[] = [];
    let mayDecline = declines;
    for (let next = news.shift(); next; next = news.shift()) {
      if (next.kind === 'withdraw') {
        news.push(...table.step({ kind: 'offerEnded', token: next.token, outcome: 'withdrawn' }));
      }
      if (next.kind !== 'offer') continue;
      given.push(...words([next]));
      this.offers += 1;
      const { token } = next;
      if (!table.offersOf(token.callId).includes(token)) continue;
      if (mayDecline) {
        news.push(...table.step({ kind: 'offerEnded', token, outcome: 'declined' }));
        this.declined += 1;
      } else {
        if ([...this.talks.values()].includes(token.agentId)) this.besides += 1;
        this.talks.set(token.callId, token.agentId);
        news.push(...table.step({ kind: 'offerAnswered', token }));
      }
      mayDecline = false;
    }
    return given;
  }
}

describe('the choice of agent and call', () => {
  it('is what comparing everybody with everybody by the rules gives', () => {
    let offers = 0;
    let declined = 0;
    let besides = 0;
    const floor = fc.record({
      plans: fc.tuple(plan, plan, plan),
      people: fc.array(person, { minLength: 1, maxLength: 6 }),
      moves: fc.array(move, { minLength: 20, maxLength: 60 }),
    });
    fc.assert(
      fc.property(floor, ({ plans, people, moves }) => {
        const both = new Both(plans.map(queueOf), people);
        moves.forEach((made, index) => {
          both.play(made, index);
          expect(both.engineSaid).toEqual(both.oracleSaid);
        });
        offers += both.offers;
        declined += both.declined;
        besides += both.besides;
      }),
      { seed, numRuns: floors },
    );
    expect(offers).toBeGreaterThan(floors * 5);
    expect(declined).toBeGreaterThan(floors / 2);
    expect(besides).toBeGreaterThan(floors / 4);
  });
});
