import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Agent, type AgentInput, draftOf, newAgent, reduceAgent } from '../../src/agents/index.ts';
import type { DeviceState, OfferOutcome, OfferToken } from '../../src/call/index.ts';
import { AgentTimes } from '../../src/routing/agent-times.ts';
import { Slot } from '../../src/routing/slot.ts';
import { Workload } from '../../src/routing/workload.ts';
import { profile, t0 } from './fixtures.ts';

const seed = 20_271;
const numRuns = 500;

const ms = fc.nat({ max: 60_000 });
const callId = fc.constantFrom('c1', 'c2');
const by = fc.option(fc.constant('boss'), { nil: undefined });
const token: fc.Arbitrary<OfferToken> = fc.record({
  callId,
  agentId: fc.constant('anna'),
  attempt: fc.integer({ min: 1, max: 2 }),
  epoch: fc.constant('e1'),
  expiresAtMs: fc.integer({ min: t0, max: t0 + 60_000 }),
});
const outcome = fc.constantFrom<OfferOutcome>('declined', 'noAnswer', 'busy', 'callerLeft', 'withdrawn', 'unreachable');
const state = fc.constantFrom<DeviceState>('notInUse', 'inUse', 'ringInUse', 'unavailable', 'unknown');

const input: fc.Arbitrary<AgentInput> = fc.oneof(
  fc.record({ kind: fc.constant('signIn' as const), by }),
  fc.record({ kind: fc.constant('signOut' as const), by }),
  fc.record({ kind: fc.constant('setAvailable' as const), by }),
  fc.record({ kind: fc.constant('pause' as const), reason: fc.constantFrom('tea', 'mail'), by }),
  fc.record({ kind: fc.constant('offered' as const), token }),
  fc.record({ kind: fc.constant('offered' as const), token: token.map((one) => ({ ...one, channel: 'chat' })) }),
  fc.record({ kind: fc.constant('offerAnswered' as const), token, keepsIdle: fc.constantFrom(true, undefined) }),
  fc.record({
    kind: fc.constant('offerEnded' as const),
    token,
    outcome,
    cooldownMs: ms,
    noAnswerLimit: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('talkEnded' as const),
    callId,
    wrapUpMs: fc.oneof(fc.constant(0), ms),
    wrapUpMaxMs: fc.option(ms, { nil: undefined }),
    cooldownMs: ms,
  }),
  fc.record({ kind: fc.constant('wrapUpExtended' as const), byMs: ms }),
  fc.record({ kind: fc.constant('wrapUpEnded' as const) }),
  fc.record({ kind: fc.constant('advised' as const), callId, untilMs: fc.integer({ min: t0, max: t0 + 60_000 }) }),
  fc.record({ kind: fc.constant('adviceUnused' as const), callId }),
  fc.record({ kind: fc.constant('deviceChanged' as const), state }),
);
const told = fc.record({ input, waitedMs: ms, place: fc.nat({ max: 2 }) });

const slots = (count: number): Slot[] => {
  const times = new AgentTimes();
  const work = new Workload(times);
  return Array.from({ length: count }, (_, place) => new Slot(place, newAgent(profile('anna'), t0), times, work));
};

/** What an agent is lies in several places; what is said of it must not show that. */
describe('an agent at a place', () => {
  it('becomes what the pure function says, whatever it is told, and so do those beside it', () => {
    fc.assert(
      fc.property(fc.array(told, { maxLength: 60 }), (inputs) => {
        const all = slots(3);
        const models: Agent[] = all.map(() => newAgent(profile('anna'), t0));
        let nowMs = t0;
        for (const { input, waitedMs, place } of inputs) {
          nowMs += waitedMs;
          const before = models[place] as Agent;
          const after = reduceAgent(before, input, nowMs);
          models[place] = after;
          expect(all[place]?.change(input, nowMs)).toBe(after !== before);
          expect(all.map(({ seen }) => seen)).toStrictEqual(models);
        }
      }),
      { seed, numRuns },
    );
  });

  it('gives a copy that stays as it was', () => {
    const [slot] = slots(1) as [Slot];
    const { seen } = slot;
    slot.change({ kind: 'signIn' }, t0 + 5);
    expect(seen).toStrictEqual(newAgent(profile('anna'), t0));
    expect(slot.seen).toMatchObject({ presence: 'available', sinceMs: t0 + 5, idleSinceMs: t0 + 5 });
  });

  it('becomes another record as a whole, also what lies in numbers', () => {
    const [slot] = slots(1) as [Slot];
    const record = draftOf({ ...slot.seen, routing: 'wrapUp', callId: 'c1', sinceMs: 1, wrapUpUntilMs: 2 });
    slot.become(record, t0);
    expect(slot.seen).toStrictEqual(record);
    const plain = draftOf({ ...record, routing: 'idle', wrapUpUntilMs: undefined });
    slot.become(plain, t0);
    expect(slot.seen).toStrictEqual(plain);
  });
});
