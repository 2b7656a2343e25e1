import { describe, expect, it } from 'vitest';
import type { DayOptions, EngineUnderTest } from '../../../sim/routing/day.ts';
import { exactModels, playExact } from '../../../sim/routing/gates/exact-models.ts';
import { statisticalGate } from '../../../sim/routing/gates/gate.ts';
import { floorOf, playInvariants, ways } from '../../../sim/routing/gates/invariants.ts';
import { playAll } from '../../../sim/routing/gates/play.ts';
import { runGates } from '../../../sim/routing/gates/run.ts';
import { playUntidyFloor } from '../../../sim/routing/gates/untidy-floor.ts';
import { RoutingEngine, type RoutingInput } from '../../../src/routing/index.ts';

type NewEngine = NonNullable<DayOptions['newEngine']>;

/** The real engine with its inputs bent on the way; undefined: the input never arrives. */
function bent(bend: (input: RoutingInput, nowMs: number) => RoutingInput | undefined): NewEngine {
  return (options) => {
    const engine = new RoutingEngine(options);
    const under: EngineUnderTest = {
      step: (input, nowMs) => {
        const given = bend(input, nowMs);
        return given ? engine.step(given, nowMs) : [];
      },
      nextDueMs: () => engine.nextDueMs(),
      agent: (id) => engine.agent(id),
    };
    return under;
  };
}

const lastInFirstOut = bent((input) =>
  input.kind === 'enqueue'
    ? { ...input, request: { ...input.request, queuedAtMs: 4e12 - input.request.queuedAtMs } }
    : input,
);

let calls = 0;
const everyHundredthLost = bent((input) => (input.kind === 'enqueue' && ++calls % 100 === 0 ? undefined : input));

const noVips = bent((input) =>
  input.kind === 'enqueue' ? { ...input, request: { ...input.request, vip: false } } : input,
);

/** The agent is free again only when somebody says so, which nobody does until the next call comes. */
const sleepy: NewEngine = (options) => {
  const engine = new RoutingEngine(options);
  let held: RoutingInput[] = [];
  return {
    step: (input, nowMs) => {
      if (input.kind === 'talkEnded') {
        held.push(input);
        return [];
      }
      const outputs = [...engine.step(input, nowMs)];
      if (input.kind !== 'enqueue') return outputs;
      for (const late of held) outputs.push(...engine.step(late, nowMs));
      held = [];
      return outputs;
    },
    nextDueMs: () => engine.nextDueMs(),
    agent: (id) => engine.agent(id),
  };
};

const extent = { seed: 1, replications: 9, warmUpHours: 0.5, countedHours: 2 };

function busyGates(model: number, newEngine: NewEngine) {
  const chosen = exactModels(extent)[model];
  if (!chosen) throw new RangeError('no such model');
  return playExact(chosen, 0.5, { newEngine })
    .filter(({ ok }) => !ok)
    .map(({ measure }) => measure);
}

describe('the gates', () => {
  it('are kept by the engine', { timeout: 120_000 }, () => {
    const gates = runGates({ size: 'short' });
    expect(gates.filter(({ ok }) => !ok)).toEqual([]);
    expect(gates.length).toBeGreaterThan(30);
  });

  it('see an engine that takes the last who came first', { timeout: 60_000 }, () => {
    expect(busyGates(0, lastInFirstOut)).toContain('answered within 20 s');
  });

  it('see an engine that loses one call in a hundred', { timeout: 60_000 }, () => {
    expect(busyGates(3, everyHundredthLost)).not.toEqual([]);
    const lost = playInvariants({ ...extent, replications: 2 }, { newEngine: everyHundredthLost });
    expect(lost.filter(({ ok }) => !ok).map(({ model }) => model)).toContain('no call lost');
  });

  it('see an engine that does not know VIPs', { timeout: 60_000 }, () => {
    expect(busyGates(2, noVips)).toContain('average speed of answer, VIP, s');
  });

  it('see an engine that leaves agents idle beside waiting calls', { timeout: 60_000 }, () => {
    expect(busyGates(0, sleepy)).toContain('average speed of answer, s');
    const idle = playInvariants({ ...extent, replications: 2 }, { newEngine: sleepy });
    expect(idle.filter(({ ok }) => !ok).map(({ model }) => model)).toContain('work conserving');
  });

  it('see an engine that does not hear of declined offers', { timeout: 60_000 }, () => {
    const deaf = bent((input) => (input.kind === 'offerEnded' && input.outcome === 'declined' ? undefined : input));
    const idle = playUntidyFloor({ ...extent, replications: 1 }, { newEngine: deaf });
    expect(idle.filter(({ ok }) => !ok).map(({ model }) => model)).toContain('work conserving');
  });

  it('see a policy that keeps agents back', { timeout: 60_000 }, () => {
    const reserve = { name: 'reserve', both: { vipReserve: 2 } };
    const kept = playInvariants({ ...extent, replications: 1 }, {}, [{ name: 'plain' }, reserve]);
    expect(kept.filter(({ ok }) => !ok).map(({ model }) => model)).toEqual(['conservation', 'work conserving']);
  });

  it('hold of ways to route that are not all the same', { timeout: 60_000 }, () => {
    const courses = new Map<string, string[]>();
    for (const way of ways) {
      const [row] = playAll(floorOf({ ...extent, replications: 1, warmUpHours: 0, countedHours: 8 }, way), {});
      const course = JSON.stringify([row?.cells.get('vip'), row?.cells.get('callers:standard'), row?.agents]);
      courses.set(course, [...(courses.get(course) ?? []), way.name]);
    }
    // Two phones at once are as good as one where the first picks up at once, and the longest idle is the rule anyway.
    const same = [...courses.values()].filter(({ length }) => length > 1);
    expect(same).toEqual([['in order of arrival', 'two phones at once', 'agents by longestIdle']]);
  });

  it('fail when the interval is too wide to say anything', () => {
    expect(statisticalGate('m', 'x', 10, { mean: 10, ci95: [9.6, 10.4] }, 0.05).ok).toBe(true);
    expect(statisticalGate('m', 'x', 10, { mean: 10, ci95: [9.4, 10.6] }, 0.05).ok).toBe(false);
    expect(statisticalGate('m', 'x', 10, { mean: 9, ci95: [8.9, 9.1] }, 0.05).ok).toBe(false);
  });
});
