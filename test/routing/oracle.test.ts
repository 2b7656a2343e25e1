import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentProfile } from '../../src/agents/index.ts';
import { requirementOf, type RoutingOutput } from '../../src/routing/index.ts';
import { profile, queue, Table, t0, words } from './fixtures.ts';
import { Oracle, type PlainQueue } from './oracle.ts';

const seed = 20_270_101;
const floors = 400;
const queueIds = ['q0', 'q1', 'q2'] as const;

const level = fc.constantFrom(20, 50, 80);
const skills = fc.dictionary(fc.constantFrom('english', 'billing'), level, { maxKeys: 2 });
const needs = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: skills });
const edge = fc.record({
  priority: fc.constantFrom(10, 50, 90),
  delayMs: fc.constant(0),
  penalty: fc.nat({ max: 1 }),
  weight: fc.constant(1),
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
    'linear' as const,
  ),
  ordering: fc.constantFrom({ kind: 'virtualArrival' as const }, { kind: 'strict' as const }),
  vipReserve: fc.constantFrom(undefined, 1, 2),
  priority: fc.nat({ max: 1 }),
  edges: fc.option(fc.dictionary(fc.constantFrom('a0', 'a1', 'a2', 'a3'), edge), { nil: undefined }),
  steps: fc.array(fc.record({ needs: skills, priorityDelta: fc.nat({ max: 1 }) }), { maxLength: 2 }),
});
const person = fc.record({ skills, queues: fc.subarray([...queueIds], { minLength: 1 }) });
const move = fc.record({
  kind: fc.constantFrom('arrive', 'arrive', 'arrive', 'leave', 'free', 'free', 'free', 'wait'),
  pick: fc.nat({ max: 59 }),
  vip: fc.boolean(),
  value: fc.nat({ max: 3 }),
  urgency: fc.constantFrom('low' as const, 'normal' as const, 'high' as const, 'critical' as const),
  minutes: fc.nat({ max: 1 }),
  needs,
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

/** Steps of different queues never end in the same millisecond: nothing says which of two is looked at first. */
function queueOf({ steps, ...part }: Plan, index: number): PlainQueue {
  const plain = steps.map((step) => ({ ...step, expiresAfterMs: 4_000 + index }));
  const relaxing = plain.map(({ needs: asked, ...step }) => ({ ...step, requirement: requirementOf(asked) }));
  const policy = queue(`q${index}`, { ...part, wrapUpMs: 0, ...(plain.length > 0 ? { steps: relaxing } : {}) });
  return { policy, steps: plain };
}

type Move = typeof move extends fc.Arbitrary<infer Value> ? Value : never;

/** The engine and the oracle on the same floor: both are told the same, and must ask the same agents. */
class Both {
  offers = 0;
  /** Step by step, in words. */
  readonly engineSaid: (readonly string[])[] = [];
  readonly oracleSaid: (readonly string[])[] = [];
  private readonly table: Table;
  private readonly oracle: Oracle;
  private readonly talks = new Map<string, { callId: string; queueId: string }>();
  private readonly queueOfCall = new Map<string, string>();

  constructor(queues: readonly PlainQueue[], people: readonly Partial<AgentProfile>[]) {
    const profiles = people.map((part, index) => profile(`a${index}`, part));
    const policies = queues.map(({ policy }) => policy);
    this.table = new Table(policies, profiles).signIn(...profiles.map(({ id }) => id));
    this.oracle = new Oracle(queues, profiles, t0);
  }

  play(made: Move, index: number): void {
    this.pass(this.table.nowMs + 10 * (1 + made.pick));
    if (made.kind === 'arrive') this.arrive(made, `c${index}`);
    else if (made.kind === 'leave') this.leave(made.pick);
    else if (made.kind === 'free') this.free(made.pick);
  }

  private pass(untilMs: number): void {
    const { table } = this;
    const given: string[] = [];
    for (let due = table.engine.nextDueMs(); due !== undefined && due <= untilMs; due = table.engine.nextDueMs()) {
      table.nowMs = due;
      given.push(...this.answered(table.step({ kind: 'tick' })));
    }
    table.nowMs = untilMs;
    this.compare(given, this.oracle.pass(untilMs));
  }

  private arrive({ kind: _, pick, minutes, ...about }: Move, callId: string): void {
    const queueId = queueIds[pick % queueIds.length] as string;
    this.queueOfCall.set(callId, queueId);
    const request = this.table.request(callId, { ...about, queueId, priority: minutes });
    const given = this.answered(this.table.step({ kind: 'enqueue', request }));
    this.compare(given, this.oracle.arrive(request, this.table.nowMs));
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

  private free(pick: number): void {
    const [agentId, talk] = [...this.talks][pick % Math.max(1, this.talks.size)] ?? [];
    const freed = this.oracle.people.find(({ profile: { id } }) => id === agentId);
    if (!agentId || !talk || !freed) return;
    this.talks.delete(agentId);
    const given = this.answered(this.table.step({ kind: 'talkEnded', agentId, ...talk, outcome: 'talked' }));
    this.compare(given, this.oracle.free(freed, this.table.nowMs));
  }

  private answered(outputs: readonly RoutingOutput[]): string[] {
    for (const output of outputs) {
      if (output.kind !== 'offer') continue;
      const { token } = output;
      this.talks.set(token.agentId, { callId: token.callId, queueId: this.queueOfCall.get(token.callId) ?? '' });
      this.table.step({ kind: 'offerAnswered', token });
      this.offers += 1;
    }
    return words(outputs);
  }
}

describe('the choice of agent and call', () => {
  it('is what comparing everybody with everybody by the rules gives', () => {
    let offers = 0;
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
      }),
      { seed, numRuns: floors },
    );
    expect(offers).toBeGreaterThan(floors * 5);
  });
});
