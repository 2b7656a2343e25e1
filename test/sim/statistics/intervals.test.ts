import { describe, expect, it } from 'vitest';
import { SeededRng } from '../../../sim/chance/rng.ts';
import { controlledEstimate } from '../../../sim/statistics/controlled.ts';
import { estimate } from '../../../sim/statistics/interval.ts';
import { giniOf, quantileOf } from '../../../sim/statistics/spread.ts';
import { studentQuantile } from '../../../sim/statistics/student.ts';

describe('Student’s t', () => {
  it.each([
    [1, 12.706],
    [2, 4.303],
    [9, 2.262],
    [30, 2.042],
    [1_000_000, 1.96],
  ])('has its 97.5 % point for %i degrees of freedom at %f', (freedom, published) => {
    expect(studentQuantile(0.975, freedom)).toBeCloseTo(published, 3);
  });
});

describe('an estimate', () => {
  it('is mean and interval of the textbook', () => {
    const { mean, ci95 } = estimate([10, 12, 14, 16]);
    expect(mean).toBe(13);
    expect(ci95[1]).toBeCloseTo(13 + (3.1824 * 2.58199) / 2, 3);
  });

  it('has no interval of a single value, and leaves out what is no number', () => {
    expect(estimate([5, Number.NaN])).toEqual({ mean: 5, ci95: [Number.NaN, Number.NaN] });
  });

  it('holds the true mean in about 95 of 100 experiments', () => {
    const rng = new SeededRng(1);
    const draw = () => -Math.log(rng.next()) - Math.log(rng.next()) - Math.log(rng.next());
    let held = 0;
    for (let round = 0; round < 1000; round += 1) {
      const { ci95 } = estimate(Array.from({ length: 20 }, draw));
      if (ci95[0] <= 3 && 3 <= ci95[1]) held += 1;
    }
    expect(held).toBeGreaterThan(915);
    expect(held).toBeLessThan(970);
  });
});

describe('an estimate with controls', () => {
  const rng = new SeededRng(5);
  const controls = Array.from({ length: 30 }, () => [rng.next() - 0.5, rng.next() - 0.5]);
  const values = controls.map(([a = 0, b = 0]) => 7 + 3 * a - 2 * b);

  it('takes out all of the noise that the controls explain', () => {
    const { mean, ci95 } = controlledEstimate(values, controls);
    expect(mean).toBeCloseTo(7, 9);
    expect(ci95[1] - ci95[0]).toBeLessThan(1e-9);
  });

  it('without controls is the plain estimate', () => {
    const plain = estimate(values);
    const none = controlledEstimate(
      values,
      values.map(() => []),
    );
    expect(none.mean).toBeCloseTo(plain.mean, 12);
    expect(none.ci95[0]).toBeCloseTo(plain.ci95[0], 9);
  });

  it('is narrower than without where they tell something, and still holds the mean', () => {
    const noisy = values.map((value) => value + 0.1 * (rng.next() - 0.5));
    const { ci95 } = controlledEstimate(noisy, controls);
    const plain = estimate(noisy);
    expect(ci95[1] - ci95[0]).toBeLessThan((plain.ci95[1] - plain.ci95[0]) / 5);
    expect(ci95[0]).toBeLessThan(7);
    expect(ci95[1]).toBeGreaterThan(7);
  });
});

describe('spread', () => {
  it('gives Gini’s coefficient', () => {
    expect(giniOf([3, 3, 3])).toBe(0);
    expect(giniOf([0, 0, 0, 1])).toBe(0.75);
    expect(giniOf([1, 3])).toBeCloseTo(0.25);
    expect(giniOf([0, 0])).toBe(0);
  });

  it('gives quantiles by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(quantileOf(values, 0.9)).toBe(90);
    expect(quantileOf(values, 1)).toBe(100);
    expect(quantileOf([], 0.5)).toBeNaN();
  });
});
