import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasBit, noBits, setBit } from '../../src/routing/bits.ts';
import { CallHeaps } from '../../src/routing/call-heaps.ts';
import { DueTimes } from '../../src/routing/due-times.ts';
import { FirstFits, firstFitsMax } from '../../src/routing/first-fits.ts';
import { IdIndex } from '../../src/routing/id-index.ts';
import { NumberLists } from '../../src/routing/number-lists.ts';
import { Positions } from '../../src/routing/positions.ts';

const seed = 20_270;
const numRuns = 300;
const number = fc.nat({ max: 90 });

/** Structures of plain numbers, each against what it stands for. */
describe('what routing keeps in plain arrays', () => {
  it('gives the earliest of all timers, however they were moved and taken out', () => {
    const change = fc.record({ number, atMs: fc.oneof(fc.nat({ max: 40 }), fc.constant(Number.POSITIVE_INFINITY)) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
        const due = new DueTimes();
        const model = new Map<number, number>();
        for (const { number, atMs } of changes) {
          due.set(number, atMs);
          if (atMs === Number.POSITIVE_INFINITY) model.delete(number);
          else model.set(number, atMs);
          expect(due.nextAtMs).toBe(Math.min(Number.POSITIVE_INFINITY, ...model.values()));
        }
        while (model.size > 0) {
          const atMs = due.nextAtMs;
          const taken = due.take();
          expect(model.get(taken)).toBe(atMs);
          expect(atMs).toBe(Math.min(...model.values()));
          model.delete(taken);
        }
        expect(due.nextAtMs).toBe(Number.POSITIVE_INFINITY);
      }),
      { seed, numRuns },
    );
  });

  it('gives the first call of each of two heaps by key, then arrival, also but for some', () => {
    const change = fc.record({ number, heap: fc.nat({ max: 1 }), orderKey: fc.nat({ max: 5 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), fc.nat({ max: 6 }), (changes, part) => {
        const arrivals = new Map<number, number>();
        const heaps = new CallHeaps(new Positions(), (known) => arrivals.get(known) ?? Number.NaN);
        const models = [new Map<number, readonly number[]>(), new Map<number, readonly number[]>()] as const;
        const isLeftOut = (one: number): boolean => one % 7 < part;
        changes.forEach(({ number, heap, orderKey }, sequence) => {
          const at = models.findIndex((model) => model.delete(number));
          if (at >= 0) heaps.remove(at, number);
          else {
            arrivals.set(number, sequence);
            heaps.add(heap, orderKey, number);
            models[heap]?.set(number, [orderKey, sequence]);
          }
          models.forEach((model, index) => {
            const sorted = [...model]
              .sort(([, a], [, b]) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0))
              .map(([known]) => known);
            expect(heaps.first(index)).toBe(sorted[0] ?? -1);
            expect(heaps.firstBut(index, isLeftOut)).toBe(sorted.find((known) => !isLeftOut(known)) ?? -1);
            expect([...heaps.numbers(index)].sort((a, b) => a - b)).toEqual([...sorted].sort((a, b) => a - b));
          });
        });
      }),
      { seed, numRuns },
    );
  });

  it('lists for each place its numbers, ascending, each once, also those of more than sixteen bits', () => {
    const wide = fc.nat({ max: 90 }).map((one) => 0xffff + one);
    const change = fc.record({ place: fc.nat({ max: 70 }), number: fc.oneof(number, wide), isIn: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
        const lists = new NumberLists();
        const model = new Map<number, Set<number>>();
        for (const { place, number, isIn } of changes) {
          const known = model.get(place) ?? new Set();
          model.set(place, known);
          if (isIn) known.add(number);
          else known.delete(number);
          if (isIn) lists.add(place, number);
          else lists.remove(place, number);
        }
        for (const [place, known] of model) {
          const start = lists.starts[place] ?? 0;
          const listed = Array.from(lists.numbers.subarray(start, start + (lists.sizes[place] ?? 0)));
          expect(listed).toEqual([...known].sort((a, b) => a - b));
        }
      }),
      { seed, numRuns },
    );
  });

  it('knows the first who fit each signature, also after who fits has changed', () => {
    const change = fc.record({ index: fc.nat({ max: 40 }), place: fc.nat({ max: 90 }), isIn: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
        const firstFits = new FirstFits();
        const sets = Array.from({ length: 41 }, (_, index) => ({ index, agents: noBits(91) }));
        for (const { index, place, isIn } of changes) {
          const changed = sets[index] ?? { index, agents: noBits(91) };
          setBit(changed.agents, place, isIn);
          firstFits.forget(index);
          const start = firstFits.of(changed);
          const all = Array.from({ length: 91 }, (_, at) => at).filter((at) => hasBit(changed.agents, at));
          const listed = [...firstFits.places.subarray(start, start + firstFitsMax)].filter((at) => at >= 0);
          expect(listed).toEqual(all.slice(0, firstFitsMax));
        }
      }),
      { seed, numRuns },
    );
  });

  it('finds the number of each id, however many came and went', () => {
    const change = fc.record({ number, isIn: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
        const index = new IdIndex();
        const idOf = (one: number): string => `call-${one}`;
        const isIt = (one: number, id: string): boolean => idOf(one) === id;
        const model = new Set<number>();
        for (const { number, isIn } of changes) {
          if (isIn && !model.has(number)) index.add(idOf(number), number);
          if (!isIn) index.remove(idOf(number), number);
          if (isIn) model.add(number);
          else model.delete(number);
        }
        for (let one = 0; one <= 90; one += 1) expect(index.find(idOf(one), isIt)).toBe(model.has(one) ? one : -1);
      }),
      { seed, numRuns },
    );
  });
});
