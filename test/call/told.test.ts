import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextTelling } from '../../src/call/told.ts';
import { promptsFor, spokenWith } from '../../src/call/wait-care.ts';

const terms = { positionMax: 10, waitStepsMs: [60_000, 120_000, 300_000] };

it.each([
  [{}, { position: 3, waitMs: 90_000 }, { position: 3, fromMs: 60_000, toMs: 120_000 }],
  [{}, { position: 1, waitMs: 0 }, { position: 1, fromMs: 0, toMs: 60_000 }],
  [{}, { position: 11, waitMs: 300_000 }, { fromMs: 120_000, toMs: 300_000 }],
  [{}, { position: 2, waitMs: 300_001 }, { position: 2 }],
  [{}, { position: 2 }, { position: 2 }],
  [{ toldPosition: 2, toldWaitMs: 120_000 }, { position: 3, waitMs: 200_000 }, {}],
  [
    { toldPosition: 2, toldWaitMs: 120_000 },
    { position: 2, waitMs: 100_000 },
    { position: 2, fromMs: 60_000, toMs: 120_000 },
  ],
] as const)('after %j, %j is told as %j', (before, now, expected) => {
  expect(nextTelling(before, now, terms)).toEqual(expected);
});

it('only ever goes downwards and stays within the ranges, whatever the estimate does', () => {
  const standing = fc.record(
    { position: fc.integer({ min: 1, max: 200 }), waitMs: fc.integer({ min: 0, max: 86_400_000 }) },
    { requiredKeys: ['position'] },
  );
  fc.assert(
    fc.property(fc.array(standing, { minLength: 2, maxLength: 60 }), (course) => {
      let told: { toldPosition?: number; toldWaitMs?: number } = {};
      for (const now of course) {
        const { position, fromMs, toMs } = nextTelling(told, now, terms);
        expect(position ?? 1).toBeLessThanOrEqual(told.toldPosition ?? terms.positionMax);
        expect(toMs ?? 0).toBeLessThanOrEqual(told.toldWaitMs ?? 300_000);
        expect(toMs === undefined || (fromMs !== undefined && fromMs >= 0 && fromMs < toMs)).toBe(true);
        told = {
          ...told,
          ...(position === undefined ? {} : { toldPosition: position }),
          ...(toMs === undefined ? {} : { toldWaitMs: toMs }),
        };
      }
    }),
  );
});

it('says it in the language of the caller, or its base, or what is for all others', () => {
  const spoken = { zh: '中', en: 'E', '*': '?' };
  expect(['zh', 'en_GB', 'fr', undefined].map((one) => promptsFor(spoken, one))).toEqual(['中', 'E', '?', '?']);
  expect(promptsFor({ zh: '中' }, 'constructor')).toBeUndefined();
});

it('puts values into sounds, and leaves what it does not know', () => {
  expect(spokenWith(['sound:a', 'number:{position}', 'digits:{other}'], { position: 3 })).toEqual([
    'sound:a',
    'number:3',
    'digits:{other}',
  ]);
});
