import type * as FastCheck from 'fast-check';
import { vi } from 'vitest';

/**
 * Properties with so many times their runs, by another seed, which is printed where one fails:
 * `RINGMASTER_PROPERTY_RUNS=20 npx vitest run test/call`, and `RINGMASTER_PROPERTY_SEED=S` to see it again. What a test
 * says of its runs and its seed cannot be overridden by fast-check's own settings.
 */
const factor = Number(process.env['RINGMASTER_PROPERTY_RUNS'] ?? 1);
const given = process.env['RINGMASTER_PROPERTY_SEED'];
const random = Date.now() % 2 ** 30;
const usualRuns = 100;
/** Parts of one property have seeds of their own, which must not become one. */
const seedFor = (own = 0): number => (given === undefined ? random + (own % 2 ** 30) : Number(given));

vi.mock('fast-check', async (importOriginal) => {
  const real = await importOriginal<typeof FastCheck>();
  const more = <Ts>(parameters: FastCheck.Parameters<Ts>): FastCheck.Parameters<Ts> => ({
    ...parameters,
    seed: seedFor(parameters.seed),
    numRuns: factor * (parameters.numRuns ?? usualRuns),
  });
  const assert = (<Ts>(property: FastCheck.IRawProperty<Ts>, parameters: FastCheck.Parameters<Ts> = {}) =>
    real.assert(property, more(parameters))) as typeof real.assert;
  return { ...real, assert, default: { ...real.default, assert } };
});
